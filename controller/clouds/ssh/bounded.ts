import { FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';

/**
 * Makes a call that may take `limitMs` milliseconds, and then throws `cloud-unavailable`, unless the call itself knows better what is wrong.
 * When the caller aborts, it gets its own reason back.
 */
export async function bounded<T>(
  what: string,
  limitMs: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(limitMs);
  try {
    return await call(AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!deadline.aborted || error instanceof FootmanError) throw error;
    throw new FootmanError('cloud-unavailable', `${what} within ${formatDuration(limitMs)}`, {
      cause: error,
    });
  }
}
