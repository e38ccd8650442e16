/** "Did you mean …?": the known words that are nearest to an unknown one. */
export { nearest } from './nearest.ts';
