/** What jobs leave, and what is on its way to the storage. */
export {
  artifactsOfJob,
  filesAt,
  filesOfArtifact,
  findArtifact,
  insertArtifacts,
  patchArtifact,
  putFiles,
  type FilePage,
} from './artifacts.ts';
export { artifactSources, type ArtifactSource } from './sources.ts';
export { deleteUpload, deleteUploads, endedUploads, findUpload, putUpload } from './uploads.ts';
export { hasWaitingArtifacts, waitingArtifacts, waitingOnNode, type WaitingArtifact } from './waiting.ts';
