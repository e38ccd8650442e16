/** Chance that is the same for the same seed. */
export { createRandom, type Random } from './random.ts';
export { drawDuration, drawInteger, drawWeighted, type Spread } from './draw.ts';
