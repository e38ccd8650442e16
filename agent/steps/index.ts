/** Running the steps of a lease. */
export { createSteps, type Steps } from './steps.ts';
