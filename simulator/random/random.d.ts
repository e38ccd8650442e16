/** A stream of numbers that look random. */
export interface Random {
    /** The next number, 0 included, 1 not. */
    next(): number;
}
/**
 * A stream of its own for each purpose, so that what one part of a simulation draws never changes what another part gets: all policies meet
 * the same jobs and the same launch times. xoshiro128** 1.1 by Blackman and Vigna (prng.di.unimi.it, public domain), its state filled by
 * splitmix32 from the FNV-1a hash of seed and purpose.
 */
export declare function createRandom(seed: number, purpose: string): Random;
