import type { Random } from './random.ts';
/** How long something takes: log-normal, told by two of its quantiles, in milliseconds. Equal ones always take the same time. */
export interface Spread {
    medianMs: number;
    p95Ms: number;
}
/** Whole milliseconds. Takes two numbers from the stream, whatever comes out. */
export declare function drawDuration(random: Random, { medianMs, p95Ms }: Spread): number;
/** Both ends included. */
export declare function drawInteger(random: Random, { min, max }: {
    min: number;
    max: number;
}): number;
/** One of them, in proportion to their weights. The weights' sum must not be zero. */
export declare function drawWeighted<T extends {
    weight: number;
}>(random: Random, choices: readonly T[]): T;
