/** The `fake` cloud: scriptable, for faults that real clouds can't show on demand. */
import type { CloudKind } from '../contract.ts';
import { openFakeCloud } from './fake-cloud.ts';
import { FakeSettings, FakeTemplate } from './schema.ts';

export { readJournal, type FakeEntry } from './journal.ts';
export { pauseName } from './meet-rules.ts';
export { type FakeCall, type FakeEdge, type FakeRuleInput } from './script.ts';
export { waitForFile } from './wait-for-file.ts';
export { openFakeWorld, worldPaths, type FakeResource, type FakeWorld } from './world.ts';

export const fakeKind = {
  kind: 'fake',
  settings: FakeSettings,
  template: FakeTemplate,
  open: openFakeCloud,
} satisfies CloudKind<FakeSettings, FakeTemplate>;
