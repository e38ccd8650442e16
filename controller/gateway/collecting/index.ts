/** Bringing what jobs leave from their nodes into the storage. */
export { createArtifactRun } from './artifact-run.ts';
export { collectStep } from './collect-step.ts';
export { createLateUploads, type LateUploads } from './late-uploads.ts';
