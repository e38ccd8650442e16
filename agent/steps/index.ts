/** Running the steps of a lease. */
export {
  baseEnvironment,
  stepEnvironment,
  withoutSecrets,
  type Environment,
  type Exports,
} from './environment.ts';
export { commandFor } from './interpreter.ts';
export { keepExports } from './kept-exports.ts';
export { spawnStep, type ProcessEnd, type StepProcess } from './step-process.ts';
export { createSteps, type Legacy, type Steps } from './steps.ts';
