/** Artifacts of other jobs that come into the workspace. */
export { createFetches, type Fetches } from './fetches.ts';
