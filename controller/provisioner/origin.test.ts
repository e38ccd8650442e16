import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sentByHand, submitBuild } from '#controller/builds';
import { createJournal, type Journal } from '#controller/events';
import { freshVersion, nextNumber, promote } from '#controller/images';
import { askForNode } from '#controller/requests';
import {
  findRequest,
  insertNode,
  insertVersion,
  jobsOfBuild,
  liveNodes,
  newId,
  openStore,
  type ImageVersion,
  type Node,
  type NodeRequest,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import type { Ledger } from './ledger.ts';
import type { PlannedLaunch } from './planned.ts';
import { createStoreLedger } from './store-ledger.ts';
import { NOW, nodeOf, requestOf, templateOf } from './test-support.ts';

const TEMPLATE = templateOf({ stream: 'ubuntu' });

let store: Store;
let journal: Journal;
let ledger: Ledger;

beforeEach(async () => {
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  journal = createJournal({ store, clock: { now: () => NOW, after: () => () => undefined } });
  ledger = createStoreLedger({ store, journal });
});

afterEach(() => store.close());

describe('a node of a template with a stream', () => {
  test('is made from what is current when it is written down, whatever the plan had seen', async () => {
    const [first, second] = [await put(), await put()];
    await journal.commit((tx) => promote(tx, first.id));
    expect(await ledger.currentVersions()).toEqual(new Map([['one/ubuntu', first.id]]));
    await journal.commit((tx) => promote(tx, second.id));
    expect(await launch({ request: null })).toMatchObject([{ version_id: second.id, pinned: 0 }]);
  });

  test('is not written down where nothing is current, and no pool has asked for it', async () => {
    await put();
    expect(await ledger.currentVersions()).toEqual(new Map());
    expect(await launch({ request: null })).toEqual([]);
    expect(await liveNodes(store.db)).toEqual([]);
    expect(await ledger.requests()).toEqual([]);
  });
});

describe('a node for one version', () => {
  test.each(['ready', 'verifying'] as const)('is made from that very one while it is %s', async (state) => {
    const version = await put({ state });
    const request = await ask(version.id);
    const [node] = await launch({ request, pin: version.id });
    expect(node).toMatchObject({ version_id: version.id, pinned: 1, request_id: request.id });
    expect(node === undefined ? null : await ledger.imageOf(node)).toBe('ubuntu-1.one');
  });

  test.each<[string, Partial<ImageVersion>, string]>([
    [
      'has failed',
      { state: 'failed', reason: 'the disk was full' },
      'image ubuntu-1.one is failed: the disk was full',
    ],
    ['is being removed', { state: 'deleting' }, 'image ubuntu-1.one is deleting'],
    ['is bad', { bad: 1, reason: 'no node came up' }, 'image ubuntu-1.one is bad: no node came up'],
  ])('is not made when that %s, and its job hears why for good', async (_, row, reason) => {
    const version = await put(row);
    const request = await ask(version.id);
    expect(await launch({ request, pin: version.id })).toEqual([]);
    expect(await liveNodes(store.db)).toEqual([]);
    expect(await noes(request)).toMatchObject([{ code: 'image', reason, final: true }]);
  });

  test('is not made of one that nobody knows any more', async () => {
    const request = await ask('v');
    expect(await launch({ request, pin: 'v' })).toEqual([]);
    expect(await noes(request)).toMatchObject([{ reason: 'its image is not there any more', final: true }]);
  });

  describe('of which three did not come up', () => {
    const dead: Partial<Node> = { failure: 'connect', reason: 'its agent did not dial in' };

    test('is not made when none ever did', async () => {
      const version = await put();
      for (const failure of ['connect', 'check', 'connect'] as const)
        await made(version, { ...dead, failure });
      const request = await ask(version.id);
      expect(await launch({ request, pin: version.id })).toEqual([]);
      expect(await noes(request)).toMatchObject([
        {
          reason:
            '3 nodes of image ubuntu-1.one did not come up, and none ever did: its agent did not dial in',
          final: true,
        },
      ]);
    });

    test.each<[string, Partial<Node>]>([
      ['one did', { ready_at: NOW }],
      ["one of them was its cloud's failure", { ...dead, failure: 'launch' }],
    ])('is made all the same when %s', async (_, parts) => {
      const version = await put();
      for (const row of [parts, dead, dead]) await made(version, row);
      if (parts.ready_at !== undefined) await made(version, dead);
      const request = await ask(version.id);
      expect(await launch({ request, pin: version.id })).toMatchObject([{ version_id: version.id }]);
    });
  });
});

test('an image that went from under its node is told when the node is launched', async () => {
  const version = await put({ state: 'deleted' });
  const node = nodeOf('n', 'planned', { version_id: version.id });
  await expect(ledger.imageOf(node)).rejects.toMatchObject({
    message: 'its image ubuntu-1.one is not there any more',
  });
  expect(await ledger.imageOf(nodeOf('m', 'planned'))).toBeNull();
});

async function launch(parts: Partial<PlannedLaunch>): Promise<readonly Node[]> {
  const launches = [{ template: TEMPLATE, request: null, isHedge: false, pin: null, host: null, ...parts }];
  const nothing = { declines: [], failures: [], fulfilled: [], withdrawn: [], retire: [] };
  const nodes = await ledger.carryOut({ ...nothing, launches, due: null }, await ledger.planNumber());
  return nodes === 'stale' ? [] : nodes;
}

/** The next version of the stream `ubuntu`. */
function put(row: Partial<ImageVersion> = {}): Promise<ImageVersion> {
  const stream = { name: 'ubuntu', cloud: 'one' };
  return journal.commit(async (tx) => {
    const number = await nextNumber(tx, stream, { keep: 3, refreshAfterMs: null });
    const version: ImageVersion = { ...freshVersion(tx, stream, number), state: 'ready', ...row };
    await insertVersion(tx.db, version);
    return version;
  });
}

/** A node of the version as it has ended. */
function made({ id }: ImageVersion, parts: Partial<Node>): Promise<void> {
  return insertNode(store.db, nodeOf(newId(), 'deleted', { version_id: id, pinned: 1, ...parts }));
}

/** The request of a job that starts from the version. */
async function ask(version: string) {
  const parsed = parsePipeline('jobs: { a: { runs-on: linux, steps: [{ run: work }] } }', 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
  const { id: buildId } = await submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
  const [job] = await jobsOfBuild(store.db, buildId);
  if (job === undefined) throw new Error('no job');
  const images = { 'one/host': version };
  const wish = { id: job.id, buildId, runsOn: 'linux', images };
  const { id } = await journal.commit((tx) => askForNode(tx, wish, 'main'));
  return requestOf(id, { jobId: job.id, images });
}

async function noes({ id }: { id: string }): Promise<NodeRequest['declines'] | undefined> {
  return (await findRequest(store.db, id))?.declines;
}
