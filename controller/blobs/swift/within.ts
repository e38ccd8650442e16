import { FootmanError } from '#shared/errors';

/**
 * Gives work that is no single caller's so many milliseconds.
 *
 * @throws FootmanError `storage-unavailable` where they are over
 */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(ms);
  try {
    return await work(signal);
  } catch (cause) {
    if (!signal.aborted || cause instanceof FootmanError) throw cause;
    throw new FootmanError('storage-unavailable', `the storage does not answer within ${ms / 1000} s`, {
      cause,
    });
  }
}
