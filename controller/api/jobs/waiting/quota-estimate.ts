import { quantileOf } from '#controller/figures';
import type { Estimate } from './estimate.ts';
import { placeOf, type Candidate } from './outlook.ts';
import { countOf } from './sentence.ts';
import type { Times } from './times.ts';

/** Fewer ended jobs tell nothing. */
const FEWEST_HOLDINGS = 5;

/**
 * When a candidate that has no room gives the node, if jobs hold nodes as long as they usually do and all jobs before this one want the
 * same candidate. Null where no job has a node of it, or too little is known.
 */
export function quotaEstimate(candidate: Candidate, ahead: number, times: Times): Estimate | null {
  const { holdings, usualMs } = candidate;
  const ended = holdings.flatMap(({ from, to }) => (to === null ? [] : [Math.max(0, to - from)]));
  const holdMs = ended.length < FEWEST_HOLDINGS ? null : quantileOf(ended, 0.5);
  const held = holdings.filter(({ to }) => to === null).map(({ from }) => from);
  if (holdMs === null || held.length === 0) return null;
  const usually = `jobs usually hold a node of ${placeOf(candidate)} for ${times.span(holdMs)}`;
  if (held.every((from) => from + holdMs < times.now))
    return { at: null, sentence: `later than usual: ${usually}, and those that do now take longer` };
  const startMs = usualMs ?? 0;
  const at = slotFreeAt({ held, ahead, holdMs, startMs, now: times.now }) + startMs;
  const queue = ahead === 0 ? 'it is the next' : `${countOf(ahead, 'job')} before it`;
  return {
    at,
    sentence: `a rough guess: ${times.at(at)}, as ${usually}, ${countOf(held.length, 'job')} do now, and ${queue}`,
  };
}

interface Slots {
  /** When each job got its node. */
  held: readonly number[];
  ahead: number;
  holdMs: number;
  startMs: number;
  now: number;
}

/**
 * Each job that ends leaves a slot, which the next in the queue takes for as long as a start and a job last. All are taken for equally long,
 * so the slots come free in the same order round after round.
 */
export function slotFreeAt({ held, ahead, holdMs, startMs, now }: Slots): number {
  const free = held.map((from) => Math.max(now, from + holdMs)).sort((a, b) => a - b);
  const rounds = Math.floor(ahead / free.length);
  return (free[ahead % free.length] ?? now) + rounds * (startMs + holdMs);
}
