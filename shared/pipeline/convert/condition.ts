import { defined } from './defined.ts';
import type { Origin } from '../origin.ts';
import type { Condition } from '../template.ts';

/** A list of one, or none: without an `if`, `success()` is meant. */
export function toCondition(source: string | boolean | undefined, { binding }: Origin): Condition[] {
  return source === undefined ? [] : [{ text: String(source), ...defined({ binding }) }];
}
