import { FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';
import { explainEngineError } from './engine-error.ts';

/**
 * Runs a call of ours against the engine at `host`: bounded in time (milliseconds), with its errors explained. When the caller aborts, it
 * gets its own reason back.
 */
export type Guard = <T>(
  signal: AbortSignal,
  limit: number,
  call: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

export function createGuard(host: string): Guard {
  return async function guard(signal, limit, call) {
    signal.throwIfAborted();
    const deadline = AbortSignal.timeout(limit);
    try {
      return await call(AbortSignal.any([signal, deadline]));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!deadline.aborted) throw explainEngineError(error, host);
      const sentence = `the Docker Engine at ${host} didn't answer within ${formatDuration(limit)}`;
      throw new FootmanError('cloud-unavailable', sentence, { cause: error });
    }
  };
}
