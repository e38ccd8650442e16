/** Running the steps of a lease. */
export { baseEnvironment } from './environment.ts';
export { spawnStep, type ProcessEnd, type StepProcess } from './step-process.ts';
export { createSteps, type Steps } from './steps.ts';
