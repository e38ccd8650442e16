/** What can be named in the expressions of one place, as far as the file tells. */
export interface Scope {
  /** Those of the pipeline, or of the template. */
  parameters: readonly string[];
  /** Axes of the job; `unknown` where they are known at run time only, `none` where the job has no matrix. */
  matrix: readonly string[] | 'unknown' | 'none';
  /** The jobs that the job needs, each with its outputs if they are known; `template` inside of a template, which sees no other job. */
  needs: ReadonlyMap<string, readonly string[] | undefined> | 'template';
  /** Ids of the steps before, in any order. */
  steps: readonly string[];
  /** Variables whose value comes from outside. */
  untrusted: ReadonlySet<string>;
  /** Variables of the job where it has not begun, and they are not set. */
  unset?: readonly string[];
}
