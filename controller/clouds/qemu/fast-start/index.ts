/** Fast starts: machines that go on from the saved state of one that was booted before. */
export { openFastStarts, type FastStarts } from './fast-starts.ts';
export { SAVED_MAC } from './prepare.ts';
