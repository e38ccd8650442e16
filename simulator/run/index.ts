/** One policy in one world, from the first job to the last. */
export { simulate, type Outcome } from './simulate.ts';
