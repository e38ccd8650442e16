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
export function createRandom(seed: number, purpose: string): Random {
  const fill = splitmix32(fnv1a(`${seed} ${purpose}`));
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];

  return {
    next() {
      const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = rotate(d, 11);
      return result / 2 ** 32;
    },
  };
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function splitmix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return word ^ (word >>> 15);
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
