import type { Waiting } from './waiting.ts';

/** Ten points of priority, or an hour of waiting. */
const BAND_MS = 60 * 60_000;

/**
 * What priority 100 gets at once and priority 0 after ten hours. Nobody is more urgent than that, or a project could fill a band with so much
 * that those of no other have a turn before it is empty.
 */
const TOP_BAND = 10;

/** One that waits, and its place in what the caller handed over: it decides where nothing else does. */
export interface Entry<T> {
  waiting: T;
  place: number;
}

/** How urgent it is, in whole steps: of two in one band, shares and age decide. `now` in milliseconds since the epoch. */
export function bandOf({ rank }: Pick<Waiting, 'rank'>, now: number): number {
  return Math.min(Math.floor((now - rank) / BAND_MS), TOP_BAND);
}

/** Those that wait, band by band, the most urgent band first; within it in the order in which they came. */
export function inBands<T extends Waiting>(waiting: readonly T[], now: number): Entry<T>[][] {
  const bands = new Map<number, Entry<T>[]>();
  for (const [place, each] of waiting.entries()) {
    const band = bandOf(each, now);
    const entries = bands.get(band);
    if (entries === undefined) bands.set(band, [{ waiting: each, place }]);
    else entries.push({ waiting: each, place });
  }
  return [...bands].toSorted(([a], [b]) => b - a).map(([, entries]) => entries);
}
