/** Image streams, their versions, and what uses them. */
export {
  currentVersions,
  deleteStream,
  findStream,
  findVersion,
  insertStream,
  insertVersion,
  listStreams,
  lastNumber,
  liveNodesOfVersion,
  liveVersions,
  lockStream,
  newestNodesOfVersion,
  patchStream,
  patchVersion,
  swapPointer,
  versionsOfBuild,
  versionsOfStream,
  type Pointer,
  type StreamId,
  type StreamPatch,
} from './images.ts';
export {
  findListedVersion,
  listVersions,
  namesOfVersions,
  type ListedVersion,
  type VersionFilter,
  type VersionName,
} from './version-lists.ts';
export { agesOfStreams, bytesOfVersions, countVersions, type StreamAge } from './figures.ts';
export {
  awaitedStreams,
  jobsOnVersions,
  jobsWaitingOn,
  nodesOnVersions,
  versionsInTheMaking,
  type JobOnVersions,
  type NodeOnVersion,
} from './uses.ts';
export {
  brokenStreams,
  isVerifying,
  newestFailuresOf,
  nodesOfOtherImages,
  verificationsOfBuild,
  versionsInStates,
  type Verification,
} from './version-keeping.ts';
