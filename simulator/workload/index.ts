/** The jobs of a simulation. */
export { createWorkload, type PlannedJob } from './workload.ts';
