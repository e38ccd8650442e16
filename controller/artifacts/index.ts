/** Artifacts: files that a job leaves behind, in the object storage. */
export { blobKeyOf } from './blob-key.ts';
export { moveArtifact } from './life-cycle.ts';
