/** A job's exclusive claim on its nodes. */
export { NodeTaken, endLeaseOfJob, grantLease, type Assignment } from './life-cycle.ts';
