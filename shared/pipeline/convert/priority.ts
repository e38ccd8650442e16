import type { PrioritySource } from '../schema/job.ts';

const BANDS = { low: 25, normal: 50, high: 75 } as const satisfies Record<string, number>;

export function toPriority(source: PrioritySource = 'normal'): number {
  return typeof source === 'number' ? source : BANDS[source];
}
