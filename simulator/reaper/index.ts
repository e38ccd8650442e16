/** Removes the nodes that go. */
export { startReaper } from './reaper.ts';
