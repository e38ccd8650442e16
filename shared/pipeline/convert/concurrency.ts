import type { Concurrency } from '../pipeline.ts';
import type { ConcurrencySource } from '../schema/job.ts';

export function toConcurrency(source: ConcurrencySource): Concurrency {
  if (typeof source === 'string') return { group: source, limit: 1, cancelInProgress: false };
  const { group, limit, 'cancel-in-progress': cancelInProgress } = source;
  return { group, limit, cancelInProgress };
}
