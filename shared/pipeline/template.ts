import type { Parameter } from './triggers.ts';

/** Text with `${{ }}` in it, or without. */
export type Template = string;

/** Environment variables, by name. A job's override the pipeline's, and a step's override both. */
export type Env = Record<string, Template>;

/** An `if`, with `${{ }}` around it or without. */
export interface Condition {
  text: string;
  binding?: Binding;
}

/** The values that a `uses` gave to the parameters of the template, as its caller wrote them. */
export interface Binding {
  parameters: Record<string, Parameter>;
  values: Record<string, string | number | boolean>;
  /** What `parameters` means in `values`; the build's own parameters if absent. */
  outer?: Binding;
}
