import type { Trace } from './parse-trace.ts';

const WEEK_MS = 7 * 24 * 60 * 60_000;

/** The trace so many times, one after the other, each in whole weeks: days stay what they were. */
export function repeatTrace(trace: Trace, times: number): Trace {
  const length = Math.ceil(((trace.at(-1) ?? 0) + 1) / WEEK_MS) * WEEK_MS;
  return Array.from({ length: times }, (_, round) => trace.map((at) => at + round * length)).flat();
}
