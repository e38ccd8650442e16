import { adviceOf, toFootmanError } from '#shared/errors';
import { Unprepared } from './unprepared.ts';
import type { Verdict } from './verdict.ts';

/** What an error means for the job; undefined where asking again may help, and there is time for it. */
export function verdictOn(error: unknown, isTimeUp: boolean): Verdict | undefined {
  if (error instanceof Unprepared) return { kind: error.outcome, reason: error.message };
  if (!isTimeUp) return undefined;
  const known = toFootmanError(error);
  if (known.code === 'repository-unreachable') return { kind: 'failure', reason: adviceOf(known) };
  return { kind: 'uncached', reason: `its prepared image could not be looked up: ${adviceOf(known)}` };
}
