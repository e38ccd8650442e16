/** Files of a job: collecting its artifacts (find, name, upload), and digests over what is in its workspace. */
export { createArtifacts, type Artifacts } from './artifacts.ts';
export { createDigests, type Digests } from './digests.ts';
