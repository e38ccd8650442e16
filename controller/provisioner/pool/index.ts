/** Warm pools: nodes that are ready before their jobs come. */
export { createImageKeeper, type ImageKeeper } from './image-keeper.ts';
export { createPools, type Pools } from './pools.ts';
export { replacements, type Leaving, type Replacements } from './replacements.ts';
