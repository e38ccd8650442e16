import { MAX_TEXT_LENGTH, MAX_WORK } from './limits.ts';
import { expressionFailed } from './problem.ts';

/** Bounds what one template may cost, whatever its functions are given. */
export interface Budget {
  /** Counts `amount` characters that are about to be read or written. */
  spend(amount: number): void;
  /** The same, for a text of that length that is about to be made. */
  text(length: number): void;
}

/** Both throw FootmanError `expression-failed` when there is too much. */
export function createBudget(): Budget {
  let left = MAX_WORK;
  function spend(amount: number): void {
    left -= amount;
    if (left < 0) throw expressionFailed('the expression takes too much work', 'work with smaller values');
  }
  function text(length: number): void {
    if (length > MAX_TEXT_LENGTH) {
      throw expressionFailed(`the text would have more than ${MAX_TEXT_LENGTH} characters`);
    }
    spend(length);
  }
  return { spend, text };
}
