import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sentByHand, submitBuild } from '#controller/builds';
import { createSystemClock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import { loadConfiguration } from '#controller/config';
import { toOpenCloud } from '#controller/configuration';
import { createJournal, type Change, type Journal } from '#controller/events';
import { createFleet, type Fleet } from '#controller/fleet';
import { grantLease } from '#controller/leases';
import { moveNode } from '#controller/nodes';
import {
  findNode,
  insertNode,
  jobsOfBuild,
  listAudit,
  openStore,
  patchJob,
  type NodeState,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import {
  cordonTarget,
  deleteNode,
  drainTarget,
  standingCordons,
  uncordonTarget,
  type CordonWish,
} from './index.ts';

let store: Store;
let journal: Journal;
let fleet: Fleet;
let changes: Change[];

beforeEach(async () => {
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  journal = createJournal({ store, clock: createSystemClock() });
  changes = [];
  journal.subscribe((some) => void changes.push(...some));
  const text = `{ data: /d, clouds: {
    lab: { kind: process, templates: { small: { labels: a }, large: { labels: b } } },
    other: { kind: process, templates: { small: { labels: c } } } } }`;
  const { clouds } = await loadConfiguration({ text, env: {} });
  fleet = createFleet(clouds.map((cloud) => toOpenCloud(cloud, {} as Cloud)));
});
afterEach(() => store.close());

async function putNode(id: string, state: NodeState, cloud = 'lab', template = 'small'): Promise<void> {
  const row = { id, state, cloud, template, labels: ['a'], state_since: 0, created_at: 0 };
  await insertNode(store.db, {
    ...row,
    template_digest: '',
    session_epoch: 0,
    removal_failures: 0,
    hedge: 0,
  });
}

/** A job that has the node. */
async function giveJob(nodeId: string): Promise<string> {
  const parsed = parsePipeline('jobs: { test: { runs-on: a, steps: [{ run: x }] } }', 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
  const build = await submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
  const [job] = await jobsOfBuild(store.db, build.id);
  if (job === undefined) throw new Error('the build has no job');
  await journal.commit(async (tx) => {
    await tx.db.updateTable('jobs').set({ state: 'running' }).where('id', '=', job.id).execute();
    await grantLease(tx, job, [{ nodeId, role: 'main' }]);
  });
  return build.id;
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await findNode(store.db, id))?.state;
}

function wish(target: string, reason: string | null = null): CordonWish {
  return { target, reason, actor: 'ada' };
}

const deps = () => ({ journal, fleet });

describe('a cordon', () => {
  test('stands until it is taken away; repeating either changes nothing', async () => {
    const made = await cordonTarget(deps(), wish('lab/small', 'maintenance'));
    expect(made).toMatchObject({
      kind: 'template',
      target: 'lab/small',
      reason: 'maintenance',
      actor: 'ada',
    });
    expect(await cordonTarget(deps(), wish('lab/small'))).toEqual(made);
    expect(await standingCordons(store.db)).toEqual([made]);
    expect(await uncordonTarget(deps(), wish('lab/small'))).toEqual(made);
    expect(await uncordonTarget(deps(), wish('lab/small'))).toBeNull();
    expect(await standingCordons(store.db)).toEqual([]);
    expect(changes.map(({ kind, data }) => [kind, data.id, data.state])).toEqual([
      ['cordon', 'lab/small', 'cordoned'],
      ['cordon', 'lab/small', 'uncordoned'],
    ]);
  });

  test('has the newest reason that somebody gave', async () => {
    await cordonTarget(deps(), wish('lab'));
    await cordonTarget(deps(), wish('lab', 'the rack is moved'));
    await cordonTarget(deps(), wish('lab'));
    expect(await standingCordons(store.db)).toMatchObject([
      { kind: 'cloud', target: 'lab', reason: 'the rack is moved' },
    ]);
    expect(await listAudit(store.db, { subject: 'lab', limit: 10 })).toMatchObject([
      { actor: 'ada', action: 'cloud.cordoned', data: { reason: 'the rack is moved' } },
      { action: 'cloud.cordoned' },
    ]);
  });

  test('of a node stands in its row', async () => {
    await putNode('node-1', 'leased');
    await cordonTarget(deps(), wish('node-1', 'odd disk'));
    expect(await findNode(store.db, 'node-1')).toMatchObject({ state: 'leased', cordoned: 'odd disk' });
    expect(await standingCordons(store.db)).toMatchObject([{ kind: 'node', target: 'node-1' }]);
    await uncordonTarget(deps(), wish('node-1'));
    expect(await findNode(store.db, 'node-1')).toMatchObject({ cordoned: null });
  });

  test('of a stranger is refused with the nearest names', async () => {
    await expect(cordonTarget(deps(), wish('labb'))).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('lab'),
    });
    await expect(cordonTarget(deps(), wish('lab/smal'))).rejects.toMatchObject({
      hint: expect.stringContaining('lab/small'),
    });
    await putNode('node-1', 'deleted');
    await expect(cordonTarget(deps(), wish('node-1'))).rejects.toMatchObject({ code: 'not-found' });
  });

  test('of what is not configured any more can be taken away', async () => {
    await cordonTarget(deps(), wish('other/small'));
    fleet.replace(fleet.clouds().filter(({ name }) => name !== 'other'));
    expect(await uncordonTarget(deps(), wish('other/small'))).not.toBeNull();
    await expect(cordonTarget(deps(), wish('other'))).rejects.toMatchObject({ code: 'not-found' });
    await putNode('node-1', 'leased', 'other');
    expect(await cordonTarget(deps(), wish('other'))).toMatchObject({ kind: 'cloud' });
  });
});

describe('a drain', () => {
  test('sends away what has no job, and says what is left', async () => {
    await putNode('idle', 'ready');
    await putNode('coming', 'launching');
    await putNode('busy', 'leased');
    await putNode('kept', 'held');
    await putNode('large', 'ready', 'lab', 'large');
    await putNode('foreign', 'ready', 'other');
    const { cordon, retired, left } = await drainTarget(deps(), wish('lab/small', 'update'));
    expect(cordon).toMatchObject({ target: 'lab/small', reason: 'update' });
    expect(retired).toBe(2);
    expect(left.map(({ id, state }) => `${id} ${state}`).sort()).toEqual([
      'busy leased',
      'coming deleting',
      'idle deleting',
      'kept held',
    ]);
    expect([await stateOf('large'), await stateOf('foreign')]).toEqual(['ready', 'ready']);
    expect((await drainTarget(deps(), wish('lab'))).retired).toBe(1);
  });

  test('done again, sends away what was on its way, and ends with nothing left', async () => {
    await putNode('idle', 'ready');
    await drainTarget(deps(), wish('lab'));
    await putNode('late', 'planned');
    expect(await drainTarget(deps(), wish('lab'))).toMatchObject({ retired: 1 });
    for (const id of ['idle', 'late'])
      await journal.commit((tx) => moveNode(tx, id, ['deleting'], 'deleted'));
    expect(await drainTarget(deps(), wish('lab'))).toMatchObject({ retired: 0, left: [] });
  });

  test('of a node with a job marks it, and leaves it to end', async () => {
    await putNode('busy', 'leased');
    await drainTarget(deps(), wish('busy', 'odd disk'));
    expect(await findNode(store.db, 'busy')).toMatchObject({ state: 'leased', cordoned: 'odd disk' });
  });
});

describe('a node that is deleted', () => {
  const deletion = { reason: 'it hangs', actor: 'ada', force: false };

  test('goes at once without a job, with the reason; again changes nothing', async () => {
    await putNode('idle', 'ready');
    const first = await deleteNode(journal, 'idle', deletion);
    expect(first).toMatchObject({ state: 'deleting', reason: 'deleted by ada: it hangs' });
    expect(await deleteNode(journal, 'idle', { ...deletion, reason: 'other' })).toEqual(first);
  });

  test('with a job is refused, and by force its job ends errored', async () => {
    await putNode('node-1', 'ready');
    const build = await giveJob('node-1');
    await expect(deleteNode(journal, 'node-1', deletion)).rejects.toMatchObject({ code: 'conflict' });
    expect(await stateOf('node-1')).toBe('leased');
    expect(await deleteNode(journal, 'node-1', { ...deletion, force: true })).toMatchObject({
      state: 'deleting',
    });
    expect(await jobsOfBuild(store.db, build)).toMatchObject([
      { state: 'finished', result: 'errored', reason: 'its node was deleted by ada: it hangs' },
    ]);
  });

  test('by force goes whoever wanted it held afterwards, and the audit log has who did it, once', async () => {
    await putNode('node-1', 'ready');
    const build = await giveJob('node-1');
    const [job] = await jobsOfBuild(store.db, build);
    const hold = { on: 'end', origin: 'request', owner: 'bob', reason: null, forMs: null, keys: [] } as const;
    await patchJob(store.db, job?.id ?? '', ['running'], { hold: { ...hold, keys: [] } });
    await deleteNode(journal, 'node-1', { ...deletion, force: true });
    await deleteNode(journal, 'node-1', { ...deletion, force: true });
    expect(await stateOf('node-1')).toBe('deleting');
    const [entry, ...others] = await listAudit(store.db, { subject: 'node-1', limit: 10 });
    expect(entry).toMatchObject({ actor: 'ada', action: 'node.deleted', data: { force: true } });
    expect(others).toEqual([]);
  });

  test('is never a held one, forced or not (I6)', async () => {
    await putNode('kept', 'held');
    for (const force of [false, true])
      await expect(deleteNode(journal, 'kept', { ...deletion, force })).rejects.toMatchObject({
        code: 'conflict',
      });
    expect(await stateOf('kept')).toBe('held');
    await expect(deleteNode(journal, 'nobody', deletion)).rejects.toMatchObject({ code: 'not-found' });
  });
});
