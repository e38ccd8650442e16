import type { Ending } from '#controller/builds';
import type { Clock } from '#controller/clock';
import { formatDuration } from '#shared/quantity';

/** Time that a job has beside its own timeout: for post steps, and for steps that run although it was to stop. */
export interface Budget {
  readonly ms: number;
  /** Aborted, with the ending of the step that ran then as its reason, when the time is up. */
  readonly signal: AbortSignal;
  /** The time counts from here; only the first call matters. */
  begin(): void;
  end(): void;
}

/** `since`: when an earlier life of the controller began to use it. */
export function createBudget(clock: Clock, ms: number, since: number | null): Budget {
  const spent = new AbortController();
  let callOff: (() => void) | undefined;
  if (since !== null) begin(since);
  return { ms, signal: spent.signal, begin: () => begin(clock.now()), end: () => callOff?.() };

  function begin(at: number): void {
    callOff ??= clock.after(Math.max(0, at + ms - clock.now()), () => {
      const ending: Ending = {
        result: 'timed-out',
        reason: `its post steps took longer than ${formatDuration(ms)}`,
      };
      spent.abort(ending);
    });
  }
}
