/** Looking at the node before it gets a job: names, places, disk, memory, clock, and a script. */
export { createChecks, type Checks } from './checks.ts';
