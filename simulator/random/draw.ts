import type { Random } from './random.ts';

/** How long something takes: log-normal, told by two of its quantiles, in milliseconds. Equal ones always take the same time. */
export interface Spread {
  medianMs: number;
  p95Ms: number;
}

/** The quantile 0.95 of the standard normal distribution. */
const Z95 = 1.6448536269514722;

/** Whole milliseconds. Takes two numbers from the stream, whatever comes out. */
export function drawDuration(random: Random, { medianMs, p95Ms }: Spread): number {
  const deviation = drawNormal(random);
  if (medianMs === 0) return 0;
  const sigma = Math.log(p95Ms / medianMs) / Z95;
  return Math.round(medianMs * Math.exp(sigma * deviation));
}

/** Both ends included. */
export function drawInteger(random: Random, { min, max }: { min: number; max: number }): number {
  return min + Math.floor(random.next() * (max - min + 1));
}

/** One of them, in proportion to their weights. The weights' sum must not be zero. */
export function drawWeighted<T extends { weight: number }>(random: Random, choices: readonly T[]): T {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.next() * total;
  for (const choice of choices) {
    left -= choice.weight;
    if (left < 0) return choice;
  }
  const last = choices.findLast(({ weight }) => weight > 0);
  if (last === undefined) throw new Error('there is nothing to choose from');
  return last;
}

/** Box and Muller's transform. */
function drawNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
