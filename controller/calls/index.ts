/** Calls that many make at the same time, made once. */
export { createSharedCalls } from './shared-calls.ts';
