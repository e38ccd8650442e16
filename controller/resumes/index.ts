/** Machines of holds that are captured, and started again. */
export { resumeHold } from './resume.ts';
export { snapshotHold } from './snapshot.ts';
