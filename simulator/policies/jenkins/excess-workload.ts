import type { Snapshot } from './load.ts';

/** Averages of what a snapshot counts, and of the capacity that is planned. */
export interface Averages extends Pick<Snapshot, 'available' | 'connecting' | 'queue'> {
  planned: number;
}

/** `hudson.model.LoadStatistics.DECAY`, for a step of 10 s. */
const DECAY = 0.9;
/** `hudson.slaves.NodeProvisioner.MARGIN`, `MARGIN0` and `MARGIN_DECAY`. */
const MARGIN = 0.1;
const FIRST_MARGIN = 0.5;
const MARGIN_DECAY = 0.5;

/** One step of an exponential moving average: `hudson.model.TimeSeries`. */
export function average(before: number, value: number): number {
  return before * DECAY + value * (1 - DECAY);
}

/**
 * How many nodes to launch now for a label: `hudson.slaves.NodeProvisioner.StandardStrategyImpl`. Of each figure the more cautious of its
 * value and its average counts, and nothing is launched while an executor is, or lately was, free. `planned` is how many launches have not
 * come to an end.
 */
export function nodesToLaunch(now: Snapshot, averages: Averages, planned: number): number {
  if (now.queue <= now.available) return 0;
  const isNothingThere = now.available + now.connecting === 0 && now.online + planned === 0;
  if (Math.max(now.available, averages.available) >= MARGIN && !isNothingThere) return 0;
  const waiting = Math.min(now.queue, averages.queue);
  const coming = Math.max(planned, averages.planned) + Math.min(now.connecting, averages.connecting);
  // Without any node the average would keep the first job waiting for nothing.
  const excess = isNothingThere ? Math.max(1, waiting - coming) : waiting - coming;
  const margin = MARGIN + (FIRST_MARGIN - MARGIN) * MARGIN_DECAY ** now.online;
  return excess > 1 - margin ? Math.floor(excess + margin) : 0;
}
