/** A delay that grows with every try, up to a cap. */
export interface Backoff {
  baseMs: number;
  capMs: number;
}

/**
 * Milliseconds to wait before try number `tries` + 1: anything up to the exponential delay, so that those who failed together
 * don't come back together ("full jitter"). None before the first try.
 */
export function fullJitter({ baseMs, capMs }: Backoff, tries: number): number {
  if (tries === 0) return 0;
  return Math.random() * Math.min(capMs, baseMs * 2 ** (tries - 1));
}
