/** Globs that strangers wrote, matched without backtracking. */
export { fits, parseFlatGlob, parseGlob, type Effort } from './glob.ts';
