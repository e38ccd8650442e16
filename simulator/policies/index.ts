/** Ways to find nodes for jobs. */
export { startFootman } from './footman.ts';
export type { LoopOptions } from './scheduling.ts';
export { policiesOf, POLICY_WORDS } from './policies.ts';
export type { Policy } from './policy.ts';
export { fixedPool, NO_POOL } from './pools.ts';
