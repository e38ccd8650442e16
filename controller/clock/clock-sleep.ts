import type { Clock } from './clock.ts';

/** Returns when that time is over, or the signal aborts. */
export async function clockSleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const callOff = clock.after(ms, resolve);
  const abort = (): void => resolve();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) resolve();
  await promise;
  callOff();
  signal.removeEventListener('abort', abort);
}
