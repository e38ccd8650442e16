/** Builds and jobs: from a submitted pipeline to one result each. */
export {
  buildDeadline,
  buildTimeoutReason,
  createBuildTimeouts,
  type BuildTimeouts,
} from './build-timeouts.ts';
export { cancelBuild, cancelJob } from './cancel.ts';
export { finishJob, type Ending } from './finish-job.ts';
export { moveBuild } from './build-life-cycle.ts';
export { moveJob } from './job-life-cycle.ts';
export { moveStep } from './step-life-cycle.ts';
export { submitBuild, type Submission, type SubmitDefaults } from './submit.ts';
