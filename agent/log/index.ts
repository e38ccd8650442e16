/** The logs of steps: masked, spooled, and streamed to the controller. */
export { createTextMask } from './mask-text.ts';
export { createStepLog, type StepLog } from './step-log.ts';
