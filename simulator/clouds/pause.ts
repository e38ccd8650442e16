import type { Clock } from '#controller/clock';

/** Resolves after so many milliseconds; throws the signal's reason as soon as that is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) {
    reject(signal.reason);
    return promise;
  }
  const abort = (): void => {
    callOff();
    reject(signal.reason);
  };
  const callOff = clock.after(ms, () => {
    signal.removeEventListener('abort', abort);
    resolve();
  });
  signal.addEventListener('abort', abort, { once: true });
  return promise;
}
