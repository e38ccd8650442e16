import type { PlaceFunction } from './functions.ts';
import type { ContextName } from './value.ts';

/** What may be named in the expressions of one field. Functions that aren't listed here, such as `format`, may be called everywhere. */
export interface Place {
  contexts: readonly ContextName[];
  functions: readonly PlaceFunction[];
  /** What to do instead, by names that people write here all the same. */
  hints?: Partial<Record<ContextName | PlaceFunction, string>>;
}
