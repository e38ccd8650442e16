/** Finds what leaked, and what vanished. */
export { createLeakBook, IMAGE_LEAK, type LeakBook } from './leak-book.ts';
export type { Verdict } from './judge.ts';
export type { View } from './look.ts';
export { createSweep, type CloudProblem, type Sweep, type SweepSettings } from './sweep.ts';
