/** Collecting the artifacts of a job: find, name, upload. */
export { createArtifacts, type Artifacts } from './artifacts.ts';
