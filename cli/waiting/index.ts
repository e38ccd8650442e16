/** Why jobs wait, as text for people. */
export { formatWaiting, type WaitingJob } from './block.ts';
export { ownTimeZone } from './time-zone.ts';
