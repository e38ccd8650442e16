/** The promise's outcome, or the signal's reason as soon as it is aborted. What the promise does later is nobody's business. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // It may still fail when nobody waits for it any more.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
