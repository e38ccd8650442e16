/** Warm pools: nodes that are ready before their jobs come. */
export { createPools, type Pools } from './pools.ts';
export { replacements, type Leaving, type Replacements } from './replacements.ts';
