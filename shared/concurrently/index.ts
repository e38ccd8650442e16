/** Work on many items, some at a time. */
export { mapConcurrently } from './concurrently.ts';
