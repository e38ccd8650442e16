import type { LearningSettings } from '#controller/fleet';
import { createExpectation } from './expectation.ts';
import { chooseLevels, type Kind } from './levels.ts';

/** Learns from the jobs that came how many idle nodes to keep. Its memory does not grow, and what is long ago counts for less. */
export interface Learner {
  /** A job came that needs a node, at a time when a start takes `startMs`. */
  arrived(at: number, startMs: number): void;
  /** Idle nodes to have now, those on their way included; null while too little is known. */
  target(now: number): number | null;
  /** When the target may change although nobody came. */
  due(now: number): number;
}

const HOUR_MS = 60 * 60_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** How closely time is looked at. */
const STEP_MS = 5 * 60_000;
/** What a note weighs a week later. */
const WEEKLY_DECAY = 0.75;
/** Kinds of time, by what is to be expected: two to the octave, the usual one in the middle. */
const KINDS = 32;
const KINDS_PER_DOUBLING = 2;
/** Levels above are not told apart. */
const HIGHEST = 256;
/** Jobs that it takes to know anything. */
const FEWEST_JOBS = 8;
/** Jobs that it takes to trust what was seen of one kind of time as much as what is known of all. */
const DOUBT_OF_RATE = 64;
const DOUBT_OF_RANKS = 2000;
/** Planned with is a part of the share that is allowed: what comes is never quite what came. */
const MARGIN = 0.8;
/** How often levels are chosen anew: after so long, or when so much more is known. */
const REFIT_MS = 2 * HOUR_MS;
const REFIT_GROWTH = 1.25;

interface Tally {
  hours: number;
  /** Bursts that were expected in them. */
  expected: number;
  jobs: number;
  /** Jobs by rank, from 1 on. */
  ranks: Float64Array;
}

/**
 * The pool is a base-stock: whenever a node is taken, another is launched, so that as many are idle or on their way as the level says. Then by Palm's
 * theorem what a job finds missing are the nodes taken in the time that a start takes: a job of rank n, which is the n-th in such a span
 * of time, finds one ready if the level was at least n when the span began. So it counts jobs by rank, and hours, for each kind of time
 * (by what was to be expected then, see `createExpectation`), and chooses a level for each kind (`chooseLevels`).
 *
 * A kind is noted as it was seen at the time, never in hindsight, so that levels promise no more than they hold. What is known of one kind
 * alone is little, and leans on what is known of all.
 */
export function createLearner(settings: () => LearningSettings): Learner {
  const expectation = createExpectation();
  const tallies = Array.from({ length: KINDS }, newTally);
  /** What kind of time it was since when, the newest last; as far back as a start takes. */
  let past: { at: number; kind: number }[] = [];
  /** Jobs of the time that a start takes. */
  let newest: number[] = [];
  let levels: number[] = [];
  const known = { jobs: 0, atFit: 0 };
  let began: number | null = null;
  let time = 0;
  let refitAt = 0;

  return {
    arrived(told, startMs) {
      advance(told);
      const at = Math.max(told, time);
      const weight = weightAt(at);
      const spanFrom = at - Math.max(1, startMs);
      newest = [...newest, at].filter((one) => one > spanFrom).slice(-HIGHEST - 1);
      const rank = newest.length;
      const since = Math.max(
        0,
        past.findLastIndex((one) => one.at <= spanFrom),
      );
      past = past.slice(since);
      count(rank, weight);
      expectation.arrived(at, 1 / rank, weight);
      if (known.jobs / weight > known.atFit * REFIT_GROWTH) fit(at);
      note(at);
    },

    target(now) {
      advance(now);
      return isIgnorant() ? null : levelOf(kindAt(Math.max(now, time)));
    },

    due: (now) => (Math.floor(now / STEP_MS) + 1) * STEP_MS,
  };

  function count(rank: number, weight: number): void {
    const tally = tallies[past[0]?.kind ?? 0] ?? newTally();
    tally.jobs += weight;
    tally.ranks[rank] = (tally.ranks[rank] ?? 0) + weight;
    known.jobs += weight;
  }

  /** Counts the time up to now. */
  function advance(now: number): void {
    if (began === null) {
      began = time = now;
      note(now);
    }
    while (time < now) {
      const to = Math.min(now, (Math.floor(time / STEP_MS) + 1) * STEP_MS);
      const hours = (to - time) / HOUR_MS;
      const weight = weightAt(time);
      const tally = tallies[kindAt(time)] ?? newTally();
      tally.hours += hours * weight;
      tally.expected += hours * weight * expectation.at(time);
      expectation.pass(time, hours, weight);
      time = to;
      if (time >= refitAt) fit(time);
      note(time);
    }
  }

  function note(at: number): void {
    const kind = kindAt(at);
    if (past.at(-1)?.kind !== kind) past.push({ at, kind });
  }

  function fit(now: number): void {
    const weight = weightAt(now);
    known.atFit = known.jobs / weight;
    refitAt = now + REFIT_MS;
    expectation.fit(weight);
    const expected = tallies.reduce((sum, tally) => sum + tally.expected, 0);
    if (expected === 0) return;
    const ranks = Array.from({ length: HIGHEST + 2 }, (_, rank) =>
      tallies.reduce((sum, tally) => sum + (tally.ranks[rank] ?? 0), 0),
    );
    const seen = tallies.map((tally, index) => ({ tally, index })).filter(({ tally }) => tally.hours > 0);
    const kinds = seen.map(({ tally }) => kindOf(tally, ranks, known.jobs / expected, weight));
    const { coldStarts, maxReady } = settings();
    const chosen = chooseLevels(kinds, MARGIN * coldStarts, Math.min(maxReady, HIGHEST));
    levels = [];
    for (const [index, level] of chosen.entries()) levels[seen[index]?.index ?? 0] = level;
  }

  /** What was seen, leaning on what all kinds together say of such a time. */
  function kindOf(tally: Tally, ranks: readonly number[], jobsPerBurst: number, weight: number): Kind {
    const expected = tally.expected * jobsPerBurst;
    const rateDoubt = DOUBT_OF_RATE * weight;
    const rankDoubt = DOUBT_OF_RANKS * weight;
    return {
      hours: tally.hours,
      jobs: (expected * (tally.jobs + rateDoubt)) / (expected + rateDoubt),
      byRank: (rank) =>
        ((tally.ranks[rank] ?? 0) + (rankDoubt * (ranks[rank] ?? 0)) / known.jobs) / (tally.jobs + rankDoubt),
    };
  }

  function kindAt(now: number): number {
    const kind = KINDS / 2 + Math.round(Math.log2(expectation.relative(now)) * KINDS_PER_DOUBLING);
    return Math.max(0, Math.min(KINDS - 1, kind));
  }

  /** A kind of time that never was is like the nearest that was. */
  function levelOf(kind: number): number {
    if (isIgnorant()) return 0;
    for (let distance = 0; distance < KINDS; distance += 1) {
      const level = levels[kind - distance] ?? levels[kind + distance];
      if (level !== undefined) return Math.min(level, settings().maxReady);
    }
    return 0;
  }

  function isIgnorant(): boolean {
    return known.jobs < FEWEST_JOBS || levels.length === 0;
  }

  /** What is noted later weighs more, instead of all else weighing less and less. */
  function weightAt(at: number): number {
    return WEEKLY_DECAY ** -((at - (began ?? at)) / WEEK_MS);
  }
}

function newTally(): Tally {
  return { hours: 0, expected: 0, jobs: 0, ranks: new Float64Array(HIGHEST + 2) };
}
