import { parseExpression } from './expression.ts';
import { nextRun } from './next-run.ts';
import { CronProblem } from './problem.ts';

/** `index` counts UTF-16 units in the text; it is left out where no single place is wrong. */
export type CronCheck = { ok: true } | { ok: false; message: string; hint?: string; index?: number };

/** Any moment does: what does not come within croner's thousand years after it never comes. */
const SOME_MOMENT = Date.UTC(2000, 0, 1);

/** Whether the text is a cron expression that runs at some time: five fields or an alias, with `H` or without. */
export function tryParseCron(text: string): CronCheck {
  try {
    parseExpression(text);
  } catch (error) {
    if (!(error instanceof CronProblem)) throw error;
    const { message, hint, index } = error;
    return { ok: false, message, index, ...(hint !== undefined && { hint }) };
  }
  if (nextRun(text, 'UTC', SOME_MOMENT) !== null) return { ok: true };
  return { ok: false, message: 'this cron expression never runs', hint: 'none of its months has such a day' };
}
