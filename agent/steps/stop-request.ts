/** Why a step is to end before its time, and how long it has between SIGTERM and SIGKILL. It is the reason of an aborted signal. */
export interface StopRequest {
  reason: 'timed-out' | 'cancelled';
  graceMs: number;
}

/** The longest time that a timer can have, in milliseconds: nearly 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Asks a step to stop. */
export interface Stopper {
  /** Its reason is a StopRequest. */
  readonly signal: AbortSignal;
  /** The first request counts. */
  request(stop: StopRequest): void;
  /** The step has ended: its timeout does not matter any more. */
  clear(): void;
}

/** A stopper that also asks by itself, once `timeoutMs` are over. */
export function createStopper(timeoutMs: number, graceMs: number): Stopper {
  const controller = new AbortController();
  const timer = setTimeout(
    () => request({ reason: 'timed-out', graceMs }),
    Math.min(timeoutMs, MAX_TIMER_MS),
  );
  return { signal: controller.signal, request, clear: () => clearTimeout(timer) };

  function request(stop: StopRequest): void {
    controller.abort({ ...stop, graceMs: Math.min(stop.graceMs, MAX_TIMER_MS) } satisfies StopRequest);
  }
}
