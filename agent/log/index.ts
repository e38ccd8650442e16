/** The logs of steps: masked, spooled, and streamed to the controller. */
export { createStepLog, type StepLog } from './step-log.ts';
