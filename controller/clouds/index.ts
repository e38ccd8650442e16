/** Clouds: where nodes come from. One contract, one folder per kind, and the registry of kinds. */
export type {
  Capabilities,
  Cloud,
  CapturedImage,
  CloudContext,
  CloudImages,
  CloudKind,
  CloudResource,
  Condition,
  ExportedImage,
  Launch,
  Launched,
  ListedImage,
  NodeReference,
  Reboot,
  StaticHosts,
} from './contract.ts';
export { cloudKind, cloudKinds } from './registry.ts';

/** The fake cloud's world, for those who write its script and read its journal. */
export {
  awaitPause,
  endPause,
  openFakeWorld,
  readJournal,
  type FakeCapture,
  type FakeEntry,
  type FakePause,
  type FakeResource,
  type FakeRuleInput,
} from './fake/index.ts';
