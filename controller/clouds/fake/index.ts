/** The `fake` cloud: scriptable, for faults that real clouds can't show on demand. */
import type { CloudKind } from '../contract.ts';
import { openFakeCloud } from './fake-cloud.ts';
import { FakeSettings, FakeTemplate } from './schema.ts';

export type { FakeCapture } from './captures.ts';
export { readJournal, type FakeEntry } from './journal.ts';
export { awaitPause, endPause, type FakePause } from './pause.ts';
export type { FakeRuleInput } from './script.ts';
export { openFakeWorld, type FakeResource, type FakeWorld } from './world.ts';

export const fakeKind = {
  kind: 'fake',
  images: true,
  settings: FakeSettings,
  template: FakeTemplate,
  open: openFakeCloud,
} satisfies CloudKind<FakeSettings, FakeTemplate>;
