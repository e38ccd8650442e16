import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { finishJob } from '#controller/builds';
import { patchNode, patchVersion, type ImageVersion } from '#controller/store';
import { putNode } from '../nodes/test-support.ts';
import { planRemovals, retireVersion } from './index.ts';
import { openShelf, type Shelf } from './shelf.test-support.ts';

const DAY = 24 * 60 * 60_000;
const PREPARED = 'prepared/abc';

let shelf: Shelf;

beforeEach(async () => {
  shelf = await openShelf();
});

afterEach(() => shelf[Symbol.asyncDispose]());

describe('versions of a named stream', () => {
  test('stay while they are among the newest that are kept; older ones go', async () => {
    const [first] = await several(3);
    expect(await planned()).toEqual([[first?.id, 'there are 2 newer ones']]);
    await shelf.patch('base', { keep: 3 });
    expect(await planned()).toEqual([]);
  });

  test('never go while they are current or previous, however many are newer', async () => {
    const [first, second] = await several(2);
    await promoteAll(first, second);
    const [third, ...newer] = await several(3);
    expect(newer).toHaveLength(2);
    expect(await planned()).toEqual([[third?.id, 'there are 2 newer ones']]);
  });

  test('that are newer than the current one stay, so that somebody can promote them', async () => {
    const [first, second, third] = await several(3);
    await promoteAll(first, second);
    expect((await planned()).map(([id]) => id)).not.toContain(third?.id);
  });

  test('that are bad go when a good one came after them, and take nobody’s place', async () => {
    const bad = await shelf.put();
    await patchVersion(shelf.store.db, bad.id, ['ready'], { bad: 1, reason: 'its nodes did not come up' });
    expect(await planned()).toEqual([]);
    await several(2);
    expect(await planned()).toEqual([[bad.id, 'its nodes did not come up']]);
  });

  test('that failed go', async () => {
    const failed = await shelf.put({ state: 'failed', reason: 'python3 is missing' });
    expect(await planned()).toEqual([[failed.id, 'python3 is missing']]);
  });

  test.each(['capturing', 'candidate', 'verifying'] as const)('that are %s never go', async (state) => {
    await shelf.put({ state });
    await several(3);
    const reasons = await planned();
    expect(reasons).toHaveLength(1);
  });
});

describe('a version that is in use stays', () => {
  let old: ImageVersion;

  beforeEach(async () => {
    old = await shelf.put();
    await several(3);
    expect(await plannedIds()).toContain(old.id);
  });

  test('while a node that is not gone was made from it', async () => {
    await putNode(shelf, { id: 'n1', state: 'deleting', version_id: old.id });
    expect(await plannedIds()).not.toContain(old.id);
    await patchNode(shelf.store.db, 'n1', ['deleting'], { version_id: null });
    expect(await plannedIds()).toContain(old.id);
  });

  test('while the node that it was captured from is there', async () => {
    await putNode(shelf, { id: 'n1', state: 'leased', capture_id: old.id });
    expect(await plannedIds()).not.toContain(old.id);
  });

  test('while a job that has not ended is to run on it', async () => {
    const job = await shelf.job({ 'local/host': old.id });
    expect(await plannedIds()).not.toContain(old.id);
    await shelf.journal.commit((tx) => finishJob(tx, job.id, { result: 'cancelled', reason: 'enough' }));
    expect(await plannedIds()).toContain(old.id);
  });

  test('while another version is being made of it', async () => {
    const child = await shelf.put({ stream: 'child', state: 'verifying', parent: old.id });
    expect(await plannedIds()).not.toContain(old.id);
    await patchVersion(shelf.store.db, child.id, ['verifying'], { parent: null });
    expect(await plannedIds()).toContain(old.id);
  });
});

describe('machines that were held', () => {
  test('go when they are old enough, unless a job is to run on one', async () => {
    const machine = await shelf.put({ stream: 'held/abc', captured_at: shelf.clock.now() });
    shelf.settings.heldMs = 14 * DAY;
    shelf.clock.pass(14 * DAY - 1);
    expect(await planned()).toEqual([]);
    shelf.clock.pass(1);
    expect(await planned()).toEqual([[machine.id, 'it is older than 14d']]);
    const job = await shelf.job({ 'local/host': machine.id });
    expect(await planned()).toEqual([]);
    await shelf.journal.commit((tx) => finishJob(tx, job.id, { result: 'success', reason: null }));
    await shelf.pass();
    expect(shelf.removals).toEqual([machine.name]);
  });

  test('leave no stream behind', async () => {
    const machine = await shelf.put({ stream: 'held/abc' });
    await shelf.journal.commit((tx) => retireVersion(tx, machine.id, 'nobody wants it'));
    await shelf.pass();
    await shelf.pass();
    expect(await shelf.stream('held/abc')).toBeUndefined();
  });
});

describe('prepared images', () => {
  test('go when another one has taken their place', async () => {
    const old = await shelf.put({ stream: PREPARED });
    const fresh = await shelf.put({ stream: PREPARED });
    await promoteAll(old, fresh);
    expect(await planned()).toEqual([[old.id, 'another one took its place']]);
  });

  test('go when they are older than anybody takes them, the current one included', async () => {
    const current = await shelf.put({ stream: PREPARED });
    await shelf.promote(current);
    await shelf.patch(PREPARED, { ttl_ms: 7 * DAY, max_stale_ms: DAY });
    shelf.clock.pass(8 * DAY - 1);
    expect(await planned()).toEqual([]);
    shelf.clock.pass(1);
    expect(await planned()).toEqual([[current.id, 'it is older than 8d']]);
  });

  test('go by their last use while all together take too much; those that were just used stay', async () => {
    const images = await Promise.all(['prepared/a', 'prepared/b', 'prepared/c'].map(prepared));
    const [a, b, c] = images;
    shelf.clock.pass(DAY);
    await shelf.patch('prepared/a', { used_at: shelf.clock.now() });
    shelf.clock.pass(DAY);
    await shelf.patch('prepared/c', { used_at: shelf.clock.now() });
    await shelf.put();
    shelf.settings.preparedBytes = 300;
    expect(await plannedIds()).toEqual([]);
    shelf.settings.preparedBytes = 200;
    expect(await plannedIds()).toEqual([b?.id]);
    shelf.settings.preparedBytes = 0;
    expect(await plannedIds()).toEqual([b?.id, a?.id]);
    shelf.clock.pass(DAY);
    expect(await plannedIds()).toEqual([b?.id, a?.id, c?.id]);
  });

  test('that are in use take room, and others go for them', async () => {
    const used = await prepared('prepared/a');
    const other = await prepared('prepared/b');
    shelf.clock.pass(DAY);
    await shelf.job({ 'local/host': used.id });
    shelf.settings.preparedBytes = 100;
    expect(await plannedIds()).toEqual([other.id]);
  });
});

describe('a version that somebody wants gone', () => {
  test('is retired, once', async () => {
    const version = await shelf.put();
    expect((await retire(version)).state).toBe('retired');
    expect((await retire(version)).reason).toBe('it is not wanted');
  });

  test('stays where it is current or previous, and says so', async () => {
    const [first, second] = await several(2);
    await promoteAll(first, second);
    await expect(retire(second)).rejects.toMatchObject({
      code: 'conflict',
      message: /the stream's current one/,
    });
    await expect(retire(first)).rejects.toThrow(/the stream's previous one/);
  });

  test('stays while it is in use or not done, and says what for', async () => {
    const version = await shelf.put();
    await putNode(shelf, { id: 'n1', state: 'ready', version_id: version.id });
    await expect(retire(version)).rejects.toThrow(
      `${version.name} can't be removed: node n1 is made from it`,
    );
    await expect(retire(await shelf.put({ state: 'verifying' }))).rejects.toThrow(/it is verifying/);
  });
});

async function several(count: number): Promise<ImageVersion[]> {
  const versions: ImageVersion[] = [];
  for (let turn = 0; turn < count; turn++) versions.push(await shelf.put());
  return versions;
}

async function promoteAll(...versions: (ImageVersion | undefined)[]): Promise<void> {
  for (const version of versions) if (version !== undefined) await shelf.promote(version);
}

async function prepared(stream: string): Promise<ImageVersion> {
  const version = await shelf.put({ stream });
  await shelf.promote(version);
  return version;
}

async function planned(): Promise<[string, string][]> {
  const removals = await planRemovals(shelf.store.db, shelf.clock.now(), shelf.settings);
  return removals.map(({ version, reason }) => [version.id, reason]);
}

async function plannedIds(): Promise<string[]> {
  return (await planned()).map(([id]) => id);
}

function retire(version: ImageVersion | undefined): Promise<ImageVersion> {
  if (version === undefined) throw new Error('there is no such version');
  return shelf.journal.commit((tx) => retireVersion(tx, version.id, 'it is not wanted'));
}
