import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  AuditLog,
  ImageRemovals,
  ImageStream,
  ImageStreamList,
  ImageVersion,
  ImageVersionList,
  Job,
  Node,
} from '#controller/api';
import { createSystemClock } from '#controller/clock';
import { plannedNode } from '#controller/provisioner';
import { findStream, insertNode, patchJob, patchStream, patchVersion } from '#controller/store';
import { runningBuild } from '#test/api-build';
import { startApiServer, type ApiServer } from '#test/api-server';
import { putCurrent, putPrepared, putVersion } from '#test/image-versions';

const HOUR = 60 * 60_000;

let api: ApiServer;
let now = 1_000_000_000;

beforeAll(async () => {
  api = await startApiServer({ clock: { ...createSystemClock(), now: () => now } });
});

afterAll(() => api.dispose());

describe('image streams', () => {
  test('say what nodes get, what they got before, and how old that is', async () => {
    const stream = { name: 'listed', cloud: 'fake' };
    const first = await putCurrent(api.journal, stream, { bytes: 1000 });
    now += HOUR;
    const second = await putCurrent(api.journal, stream, { bytes: 500 });
    await putVersion(api.journal, stream, { state: 'capturing', bytes: null, captured_at: null });
    await patchStream(api.store.db, stream, { refresh_after_ms: 2 * HOUR });
    now += HOUR;
    expect(await streamOf('listed')).toMatchObject({
      kind: 'named',
      title: null,
      current: { id: second.id, number: 2, name: 'listed-2.fake', state: 'ready' },
      previous: { id: first.id, number: 1, name: 'listed-1.fake', state: 'ready' },
      generation: 2,
      promotedAt: now - HOUR,
      ageMs: HOUR,
      overdue: false,
      versions: 3,
      bytes: 1500,
    });
    now += 2 * HOUR;
    expect(await streamOf('listed')).toMatchObject({ ageMs: 3 * HOUR, overdue: true });
  });

  test('are listed by kind', async () => {
    await putCurrent(api.journal, { name: 'named', cloud: 'fake' });
    await putPrepared(api.journal, { digest: 'aaaa11', title: 'ceph', cloud: 'fake' });
    expect(await namesOf('named')).toEqual(expect.arrayContaining(['named']));
    expect(await namesOf('named')).not.toContain('prepared/aaaa11');
    expect(await namesOf('prepared')).toEqual(['prepared/aaaa11']);
    const answer = await api.call('/images?kind=other');
    expect(answer.status).toBe(400);
  });
});

describe('image versions', () => {
  test('are listed, the newest first, and those that are gone only when somebody asks for them', async () => {
    const stream = { name: 'versions', cloud: 'fake' };
    await putVersion(api.journal, stream, { state: 'deleted' });
    await putVersion(api.journal, stream);
    await putCurrent(api.journal, stream);
    await putVersion(api.journal, stream, { state: 'failed', reason: 'no python' });
    await putVersion(api.journal, { name: 'versions', cloud: 'other' });
    expect(await listed('stream=versions&cloud=fake')).toMatchObject([
      { number: 4, state: 'failed', reason: 'no python', pointer: null },
      { number: 3, state: 'ready', pointer: 'current' },
      { number: 2, state: 'ready', pointer: null },
    ]);
    expect(await listed('stream=versions')).toHaveLength(4);
    expect(await listed('stream=versions&state=deleted')).toMatchObject([{ number: 1 }]);
  });

  test('are shown by id and by name, with where they came from and who uses them', async () => {
    const { build, job } = await runningBuild(api);
    const stream = { name: 'shown', cloud: 'fake' };
    const parent = await putVersion(api.journal, stream);
    const version = await putCurrent(api.journal, stream, {
      parent: parent.id,
      build_id: build.id,
      job_id: job.id,
      verify_job_id: job.id,
      commit_sha: 'c'.repeat(40),
      promotion: { how: 'when-all', clouds: ['fake', 'other'] },
    });
    const node = await putNode('user', version.id);
    const shown = await api.get<ImageVersion>(`/images/versions/${version.id}`);
    expect(shown).toMatchObject({
      name: 'shown-2.fake',
      stream: 'shown',
      cloud: 'fake',
      template: 'small',
      pointer: 'current',
      parent: 'shown-1.fake',
      build: build.number,
      job: `${build.number}/a`,
      verifyJob: `${build.number}/a`,
      commit: 'c'.repeat(40),
      promotion: { how: 'when-all', clouds: ['fake', 'other'] },
      bytes: 1024,
      nodes: [{ id: node, state: 'planned' }],
    });
    expect(await api.get(`/images/versions/${version.name}`)).toEqual(shown);
    expect((await api.call('/images/versions/none')).status).toBe(404);
    expect((await api.get<Node>(`/nodes/${node}`)).version).toEqual({
      id: version.id,
      name: 'shown-2.fake',
      stream: 'shown',
      number: 2,
    });
  });
});

describe('a promotion', () => {
  test('changes what nodes get, unless somebody was first', async () => {
    const stream = { name: 'promoted', cloud: 'fake' };
    await putCurrent(api.journal, stream);
    const next = await putVersion(api.journal, stream);
    const { generation } = await streamOf('promoted');
    const answer = await api.post(`/images/versions/${next.name}/promote`, { generation });
    expect(await answer.json()).toMatchObject({ id: next.id, pointer: 'current' });
    expect(await streamOf('promoted')).toMatchObject({
      current: { number: 2 },
      previous: { number: 1 },
      generation: generation + 1,
    });
    const late = await api.post('/images/versions/promoted-1.fake/promote', { generation });
    expect(late.status).toBe(409);
    expect((await streamOf('promoted')).current?.id).toBe(next.id);
    expect(await deeds(next.name)).toEqual(['administrator image.promoted']);
    expect(await deeds('promoted-1.fake')).toEqual([]);
  });

  test.each([
    ['failed', { state: 'failed' }, 'it is failed'],
    ['bad', { bad: 1, reason: '3 nodes in a row did not come up' }, 'it is bad: 3 nodes in a row'],
    ["a fork's", { trust: 'fork' }, 'from a fork'],
  ] as const)('of a version that is %s is refused', async (_, row, why) => {
    const stream = { name: 'refused', cloud: 'fake' };
    const version = await putVersion(api.journal, stream, row);
    const answer = await api.post(`/images/versions/${version.id}/promote`, {});
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain(why);
    expect((await streamOf('refused')).current).toBeNull();
  });
});

describe('a roll back', () => {
  test('leads to the version before and, done again, back', async () => {
    const stream = { name: 'rolled', cloud: 'fake' };
    const first = await putCurrent(api.journal, stream);
    const second = await putCurrent(api.journal, stream);
    const answer = await api.post('/images/streams/rollback', { stream: 'rolled' });
    expect(await answer.json()).toMatchObject({
      streams: [{ name: 'rolled', current: { id: first.id }, previous: { id: second.id } }],
    });
    await api.post('/images/streams/rollback', { stream: 'rolled' });
    expect((await streamOf('rolled')).current?.id).toBe(second.id);
    expect(await deeds('rolled')).toEqual([
      'administrator image.rolled-back',
      'administrator image.rolled-back',
    ]);
  });

  test('is of all clouds, or of none', async () => {
    const [one, other] = [
      { name: 'both', cloud: 'fake' },
      { name: 'both', cloud: 'other' },
    ];
    await putCurrent(api.journal, one);
    const second = await putCurrent(api.journal, one);
    await putCurrent(api.journal, other);
    const refused = await api.post('/images/streams/rollback', { stream: 'both' });
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('both in other has no earlier version');
    expect((await findStream(api.store.db, one))?.current).toBe(second.id);
    const answer = await api.post('/images/streams/rollback', { stream: 'both', cloud: 'fake' });
    expect(await answer.json()).toMatchObject({ streams: [{ cloud: 'fake', previous: { id: second.id } }] });
  });

  test('of a stream that is not there names those that are', async () => {
    await putCurrent(api.journal, { name: 'ubuntu', cloud: 'fake' });
    const unknown = await api.post('/images/streams/rollback', { stream: 'ubunto' });
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('did you mean ubuntu?');
    const elsewhere = await api.post('/images/streams/rollback', { stream: 'ubuntu', cloud: 'moon' });
    expect(elsewhere.status).toBe(404);
    expect(await elsewhere.text()).toContain('it is in fake');
  });
});

describe('a prepared image', () => {
  test.each(['rook-main', 'prepared/bbbb2201', 'bbbb22'])('is invalidated as %s', async (key) => {
    await putPrepared(api.journal, { digest: 'bbbb2201', title: 'rook-main', cloud: 'fake' });
    const answer = await api.post('/images/invalidate', { key });
    expect(await answer.json()).toMatchObject({
      streams: [{ name: 'prepared/bbbb2201', title: 'rook-main', current: null }],
    });
    const again = await api.post('/images/invalidate', { key });
    expect(await again.json()).toEqual({ streams: [] });
  });

  test.each(['bbbb2', 'rook', 'named'])('is not meant by %s', async (key) => {
    await putCurrent(api.journal, { name: 'named', cloud: 'fake' });
    expect((await api.post('/images/invalidate', { key })).status).toBe(404);
    expect((await streamOf('named')).current).not.toBeNull();
  });

  test('shows in the jobs that wait for it', async () => {
    const { job } = await runningBuild(api);
    const streams = [{ name: 'prepared/cccc33', cloud: 'fake', template: 'small' }];
    const preparation = { state: 'waiting' as const, reason: 'build #7 makes it', streams };
    await patchJob(api.store.db, job.id, ['running'], { preparation });
    expect(await api.get<Job>(`/jobs/${job.id}`)).toMatchObject({ purpose: 'job', preparation });
  });
});

describe('what goes', () => {
  test('is told before it goes, with the reason', async () => {
    const version = await putVersion(api.journal, { name: 'outlived', cloud: 'fake' }, { state: 'failed' });
    await patchVersion(api.store.db, version.id, ['failed'], { reason: 'no python' });
    const going = await api.get<ImageRemovals>('/images/prune');
    const mine = {
      id: version.id,
      name: 'outlived-1.fake',
      state: 'failed',
      reason: 'no python',
      bytes: 1024,
    };
    expect(going.versions).toContainEqual(expect.objectContaining(mine));
    expect(going.bytes).toBe(going.versions.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0));
    const told = new Promise<void>((resolve) => {
      const stop = api.journal.subscribe((changes) => {
        if (!changes.some(({ kind }) => kind === 'image')) return;
        stop();
        resolve();
      });
    });
    const pruned = (await (await api.post('/images/prune', {})).json()) as ImageRemovals;
    expect(pruned.versions).toContainEqual(expect.objectContaining(mine));
    await told;
  });

  test('is what somebody removes, but never what is needed', async () => {
    const stream = { name: 'removed', cloud: 'fake' };
    const old = await putVersion(api.journal, stream);
    await putCurrent(api.journal, stream);
    const gone = await remove(old.name);
    expect(await gone.json()).toMatchObject({ state: 'retired', reason: 'removed by administrator' });
    const needed = await remove('removed-2.fake');
    expect(needed.status).toBe(409);
    expect(await needed.text()).toContain('current');
  });
});

test('whoever may only read changes nothing', async () => {
  await putCurrent(api.journal, { name: 'kept', cloud: 'fake' });
  const authorization = `Bearer ${api.tokens.sign({ subject: 'reader', role: 'read' })}`;
  for (const [method, path] of [
    ['POST', '/images/versions/kept-1.fake/promote'],
    ['DELETE', '/images/versions/kept-1.fake'],
    ['POST', '/images/versions/kept-1.fake/export'],
    ['POST', '/images/import?stream=kept&cloud=fake&template=small'],
    ['POST', '/images/streams/rollback'],
    ['POST', '/images/invalidate'],
    ['POST', '/images/prune'],
  ] as const) {
    expect((await api.call(path, { method, headers: { authorization } })).status, path).toBe(403);
  }
  expect((await api.call('/images', { headers: { authorization } })).status).toBe(200);
});

async function streamOf(name: string): Promise<ImageStream> {
  const { streams } = await api.get<ImageStreamList>('/images');
  const stream = streams.find((each) => each.name === name);
  if (stream === undefined) throw new Error(`there is no stream ${name}`);
  return stream;
}

async function namesOf(kind: string): Promise<string[]> {
  const { streams } = await api.get<ImageStreamList>(`/images?kind=${kind}`);
  return streams.map(({ name }) => name);
}

async function listed(query: string): Promise<ImageVersionList['versions']> {
  return (await api.get<ImageVersionList>(`/images/versions?${query}`)).versions;
}

async function putNode(id: string, versionId: string): Promise<string> {
  const template = { cloud: 'fake', name: 'small', digest: 'd', labels: new Set(['linux']) };
  await insertNode(api.store.db, {
    ...plannedNode(id, { template, request: null }, 1),
    version_id: versionId,
  });
  return id;
}

function remove(version: string): Promise<Response> {
  const headers = { authorization: `Bearer ${api.admin}` };
  return api.call(`/images/versions/${version}`, { method: 'DELETE', headers });
}

/** What the audit log has of it. */
async function deeds(subject: string): Promise<string[]> {
  const { entries } = await api.get<AuditLog>(`/audit?subject=${subject}`);
  return entries.map(({ actor, action }) => `${actor} ${action}`);
}
