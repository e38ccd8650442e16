/** Time, as everything that waits sees it. */
export { clockSleep } from './clock-sleep.ts';
export { createSystemClock, type Clock } from './clock.ts';
