/** Artifacts: files that a job leaves behind, in the object storage. */
export { archiveKeyOf, artifactPrefixOf, blobKeyOf, manifestKeyOf, sumsKeyOf } from './blob-key.ts';
export { closeArtifacts } from './close-artifacts.ts';
export { moveArtifact } from './life-cycle.ts';
