import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { finishJob } from '#controller/builds';
import { releaseHold } from '#controller/holds';
import { findNode, holdOfNode, patchHold, patchJob, type Hold, type ImageVersion } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { snapshotHold } from '../resumes/index.ts';
import { promote } from './index.ts';
import { HOUR, openKeeper, type KeeperFixture } from './keeper.test-support.ts';

const ALICE = { actor: 'alice', isAdmin: false };
const PIPELINE = 'jobs: { make: { runs-on: linux, steps: [{ run: make }] } }';

let fixture: KeeperFixture;
let hold: Hold;

beforeEach(async () => {
  fixture = await openKeeper();
  hold = await held();
});

afterEach(() => fixture[Symbol.asyncDispose]());

/** A node that the keeper of holds has admitted. */
async function held(): Promise<Hold> {
  const { store, journal, clock } = fixture;
  const build = await fixture.submit(PIPELINE);
  const { id, nodeId } = await fixture.run(build, 'make', {});
  const wish = { on: 'end', origin: 'request', owner: 'alice', reason: null, forMs: null, keys: [] } as const;
  await journal.commit(async (tx) => {
    await patchJob(tx.db, id, ['running'], { hold: { ...wish, keys: [] } });
    await finishJob(tx, id, { result: 'failure', reason: null });
  });
  const { id: holdId = '' } = (await holdOfNode(store.db, nodeId)) ?? {};
  const times = { expires_at: clock.now() + HOUR, latest_at: clock.now() + 24 * HOUR };
  const admitted = await patchHold(store.db, holdId, { admitted: 1, ...times });
  if (admitted === undefined) throw new Error('the node is not held');
  return admitted;
}

async function snapshot(): Promise<ImageVersion> {
  const fleet = { connection: () => ({ images: {} }) as never };
  return (await snapshotHold({ journal: fixture.journal, fleet }, hold.id, ALICE)).version;
}

async function now(): Promise<Hold | undefined> {
  return holdOfNode(fixture.store.db, hold.node_id);
}

async function nodeState(): Promise<string | undefined> {
  return (await findNode(fixture.store.db, hold.node_id))?.state;
}

describe('a held machine', () => {
  test('is packed, captured as the only version of its own stream, and released', async () => {
    const packed: [string, number][] = [];
    fixture.pack = async (node) => void packed.push([node, fixture.asked.length]);
    const version = await snapshot();
    const again = await snapshot();
    expect(again.id).toBe(version.id);
    await fixture.settle();
    expect(packed).toEqual([[hold.node_id, 0]]);
    expect(await fixture.version(version)).toMatchObject({
      state: 'ready',
      reason: null,
      image: `images/${version.name}`,
    });
    expect(await now()).toMatchObject({
      state: 'released',
      outcome: `was released: captured as ${version.name}`,
    });
    expect(await nodeState()).toBe('deleting');
    expect(await fixture.stream({ name: version.stream })).toMatchObject({ kind: 'held', current: null });
  });

  test('is promoted for nobody', async () => {
    const { id } = await snapshot();
    await fixture.settle();
    const promoted = fixture.journal.commit((tx) => promote(tx, id));
    await expect(promoted).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is captured without its workspace where its agent does not come back', async () => {
    fixture.pack = () => Promise.reject(new FootmanError('node-unreachable', 'its agent is away'));
    const version = await snapshot();
    await fixture.keeper.run(new AbortController().signal);
    while (fixture.asked.length === 0) {
      fixture.clock.pass(2000);
      await new Promise(setImmediate);
    }
    await fixture.keeper.settled();
    expect(await fixture.version(version)).toMatchObject({
      state: 'ready',
      reason: 'the workspace may be missing: its agent is away',
    });
    expect((await now())?.outcome).toContain('its agent is away');
  });

  test('stays held when it can not be captured, and may be tried again', async () => {
    fixture.before = () => Promise.reject(new FootmanError('cloud-refused', 'no room'));
    const failed = await snapshot();
    await fixture.settle();
    expect(await fixture.version(failed)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('no room'),
    });
    expect([(await now())?.state, await nodeState()]).toEqual(['held', 'held']);
    expect((await findNode(fixture.store.db, hold.node_id))?.capture_id).toBeNull();
    // Keys and what else was packed are to be put back.
    expect(fixture.changes.findLast(({ kind }) => kind === 'hold')?.data).toMatchObject({ keys: true });
    fixture.before = () => Promise.resolve();
    const next = await snapshot();
    expect(next.name).not.toBe(failed.name);
    await fixture.settle();
    expect(await now()).toMatchObject({ state: 'released', version_id: next.id });
  });

  test('is not captured any more when somebody releases it', async () => {
    const aborted = Promise.withResolvers<void>();
    fixture.before = (_name, _node, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          aborted.resolve();
          reject(signal.reason as Error);
        }),
      );
    const version = await snapshot();
    await fixture.keeper.run(new AbortController().signal);
    await releaseHold(fixture.journal, hold.id, ALICE);
    expect(fixture.keeper.concerns(fixture.changes.slice(-2))).toBe(true);
    await fixture.keeper.run(new AbortController().signal);
    await aborted.promise;
    await fixture.keeper.settled();
    expect(await fixture.version(version)).toMatchObject({
      state: 'failed',
      reason: 'its hold was released by alice',
    });
    expect(await now()).toMatchObject({ state: 'released', outcome: 'was released by alice' });
  });

  test('is captured by the next life of the controller, which packs it again', async () => {
    let packs = 0;
    fixture.pack = async () => void (packs += 1);
    fixture.before = (_name, _node, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const version = await snapshot();
    await fixture.keeper.run(new AbortController().signal);
    await fixture.restart();
    expect((await fixture.version(version)).state).toBe('capturing');
    expect(await nodeState()).toBe('held');
    fixture.before = () => Promise.resolve();
    await fixture.settle();
    expect(packs).toBe(2);
    expect(await now()).toMatchObject({ state: 'released' });
  });
});
