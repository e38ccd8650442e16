/** Builds and jobs: from a submitted pipeline to one result each. */
export { addJob, ownRow, type OwnJob } from './add-job.ts';
export { advanceBuild } from './advance.ts';
export { buildDeadline, buildTimeoutReason } from './build-deadline.ts';
export { createBuildKeeper, type BuildKeeper } from './build-keeper.ts';
export { cancelBuild, cancelJob, type Cancellation } from './cancel.ts';
export type { Ending } from './close-job.ts';
export { jobContexts } from './contexts.ts';
export { finishJob } from './finish-job.ts';
export { moveBuild } from './build-life-cycle.ts';
export { moveJob } from './job-life-cycle.ts';
export { prepareAnew } from './prepare-anew.ts';
export { rerunBuild, type Rerun } from './rerun.ts';
export { moveStep } from './step-life-cycle.ts';
export { sentByHand, type Submission, type SubmitDefaults } from './submission.ts';
export { submitBuild, submitIn } from './submit.ts';
export { whyBlocked } from './why-blocked.ts';
