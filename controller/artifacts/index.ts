/** Artifacts: files that a job leaves behind, in the object storage. */
export { archiveKeyOf, artifactPrefixOf, blobKeyOf, manifestKeyOf, sumsKeyOf } from './blob-key.ts';
export { closeArtifacts } from './close-artifacts.ts';
export { moveArtifact } from './life-cycle.ts';
export { manifestOf, type Content } from './manifest.ts';
export { clashOf, linkProblem, pathProblem, quoted } from './path-problem.ts';
export { publishArtifact, type Publication, type Published } from './publish.ts';
export { createWaitingKeeper, type WaitingKeeper } from './waiting-keeper.ts';
