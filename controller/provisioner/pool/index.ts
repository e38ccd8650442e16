/** Warm pools: nodes that are ready before their jobs come. */
export { createPools, type Pools } from './pools.ts';
export { rotate, type Rotation } from './rotation.ts';
