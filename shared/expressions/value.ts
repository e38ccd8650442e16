/** What an expression works with: a value as JSON has it. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export const CONTEXTS = [
  'build',
  'parameters',
  'env',
  'matrix',
  'needs',
  'steps',
  'job',
  'node',
  'secrets',
] as const;
export type ContextName = (typeof CONTEXTS)[number];

/** Values of the contexts that there are at the place of evaluation. */
export type Contexts = Partial<Record<ContextName, Value>>;

/** How things stand when an `if` is evaluated; `skipped`: nothing failed, but a job that is needed did not run. */
export type Status = 'success' | 'failure' | 'cancelled' | 'skipped';
