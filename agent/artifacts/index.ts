/** Collecting the artifacts of a job: find, name, upload. */
export { createArtifacts, type Artifacts } from './artifacts.ts';
export { hashFiles } from './hash-files.ts';
