import type { Retry } from '../pipeline.ts';
import type { RetrySource } from '../schema/job.ts';
import { toList } from './list.ts';

/** None for `retry: 0`, which takes a default away. */
export function toRetry(source: RetrySource | undefined): Retry | undefined {
  if (source === undefined || source === 0) return undefined;
  if (typeof source === 'number') {
    return { max: source, on: ['failure', 'errored', 'timed-out'], delayMs: 0 };
  }
  return { max: source.max, on: toList(source.on), delayMs: source.delay };
}
