/** What becomes of each call of a cloud, in their order; where it says nothing, all goes well. */
export type Script<T> = readonly T[] | (() => T | undefined);

/** Times in milliseconds. */
export interface Fates {
  launches: Script<LaunchFate>;
  stops: Script<'done' | 'fails' | 'hangs'>;
  removals: Script<RemovalFate>;
  listings: Script<'whole' | 'fails' | 'lags' | 'hangs'>;
}

export interface LaunchFate {
  /**
   * `fails` and `aborts` leave nothing behind; `loses-answer` leaves a node whose agent connects; `hangs` heeds its signal and leaves nothing;
   * `late` heeds nothing, and makes the node long after everybody has given it up; the agent of a `silent` one never connects.
   */
  outcome: 'accepted' | 'fails' | 'aborts' | 'loses-answer' | 'hangs' | 'late' | 'silent';
  /** Until the node is there. */
  launchMs: number;
  /** From then on until the controller hears of it: an agent may be faster. */
  answerMs: number;
  connectMs: number;
  /** So long after its agent has connected it goes as if somebody removed it by hand; null is never. */
  vanishesAfterMs: number | null;
}

export interface RemovalFate {
  outcome: 'done' | 'fails' | 'loses-answer' | 'hangs';
  ms: number;
}

export const GOOD_LAUNCH: LaunchFate = {
  outcome: 'accepted',
  launchMs: 2_000,
  answerMs: 0,
  connectMs: 5_000,
  vanishesAfterMs: null,
};

/** Gives the fates of a script one by one. */
export function teller<T>(script: Script<T>, otherwise: T): () => T {
  if (typeof script === 'function') return () => script() ?? otherwise;
  let next = 0;
  return () => script[next++] ?? otherwise;
}
