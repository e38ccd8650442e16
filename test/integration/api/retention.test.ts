import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditLog, BuildSummary, DeletedBuild, ErrorAnswer, RetentionPlan } from '#controller/api';
import { finishJob } from '#controller/builds';
import { swapState } from '#controller/store';
import { runningBuild } from '#test/api-build';
import { startApiServer, type ApiServer } from '#test/api-server';

let api: ApiServer;

beforeAll(async () => {
  api = await startApiServer();
});

afterAll(() => api.dispose());

describe('pins', () => {
  test('a developer pins a build, which shows who did, and why', async () => {
    const { build } = await runningBuild(api);
    const pinned = await as('develop', 'PUT', `/builds/${build.number}/pin`, { reason: 'for the customer' });
    expect(pinned.status).toBe(200);
    expect(await pinned.json()).toMatchObject({ pinned: { by: 'developer', reason: 'for the customer' } });
    expect(await api.get(`/builds/${build.id}`)).toMatchObject({ pinned: { by: 'developer' } });
    const { entries } = await api.get<AuditLog>(`/audit?subject=${build.id}`);
    expect(entries).toMatchObject([{ action: 'build.pinned', actor: 'developer' }]);
    await as('develop', 'DELETE', `/builds/${build.number}/pin`);
    expect((await api.get<BuildSummary>(`/builds/${build.id}`)).pinned).toBeNull();
  });

  test('readers pin nothing, and a reason is one line', async () => {
    const { build } = await runningBuild(api);
    expect((await as('read', 'PUT', `/builds/${build.id}/pin`, {})).status).toBe(403);
    expect((await as('develop', 'PUT', `/builds/${build.id}/pin`, { reason: 'a\nb' })).status).toBe(400);
    expect((await as('develop', 'PUT', `/builds/999/pin`, {})).status).toBe(404);
  });
});

describe('deleting a build', () => {
  test('nobody finds it from then on, nor what is of it', async () => {
    const { build, job, step } = await ended();
    expect((await as('develop', 'DELETE', `/builds/${build.number}`)).status).toBe(403);
    const answer = await as('admin', 'DELETE', `/builds/${build.number}`);
    expect((await answer.json()) as DeletedBuild).toEqual({ id: build.id, number: build.number });
    const gone = [
      `/builds/${build.id}`,
      `/builds/${build.number}`,
      `/jobs/${job.id}`,
      `/steps/${step.id}/log`,
    ];
    for (const path of gone)
      expect({ path, status: (await api.call(path)).status }).toEqual({ path, status: 404 });
    const { builds } = await api.get<{ builds: BuildSummary[] }>('/builds?limit=200');
    expect(builds.map(({ id }) => id)).not.toContain(build.id);
    expect((await api.post(`/builds/${build.id}/rerun`, { which: 'all' })).status).toBe(404);
    expect((await as('admin', 'DELETE', `/builds/${build.number}`)).status).toBe(404);
  });

  test.each([
    ['runs', async () => (await runningBuild(api)).build, 'has not ended'],
    ['is pinned', pinnedBuild, 'was pinned by administrator'],
    ['is being repeated', repeatedBuild, 'repeats it'],
  ])('one that %s stays', async (_, make, sentence) => {
    const { id } = await make();
    const answer = await as('admin', 'DELETE', `/builds/${id}`);
    expect(answer.status).toBe(409);
    expect(((await answer.json()) as ErrorAnswer).error.message).toContain(sentence);
    expect((await api.call(`/builds/${id}`)).status).toBe(200);
  });
});

test('what would go is listed with its reason, and so is what stays; nothing goes unless it is asked for', async () => {
  const [first, second] = [await ended(), await ended()];
  await api.store.db
    .updateTable('builds')
    .set({ pipeline: 'old' })
    .where('id', 'in', [first.build.id, second.build.id])
    .execute();
  const before = await api.get<RetentionPlan>('/retention?staying=true');
  expect(before.going).toEqual([]);
  expect(before.staying.filter(({ pipeline }) => pipeline === 'old')).toMatchObject([
    { number: second.build.number, reason: 'it is the last good one', bytes: 0 },
    { number: first.build.number, reason: 'nothing limits its age' },
  ]);
  expect(before.counts.builds).toBeGreaterThanOrEqual(2);
  const limited = await api.get<RetentionPlan>('/retention?staying=true&limit=1');
  expect(limited.staying).toHaveLength(1);
  expect((await as('develop', 'POST', '/retention')).status).toBe(403);
  expect((await as('admin', 'POST', '/retention')).status).toBe(200);
  const { entries } = await api.get<AuditLog>('/audit?subject=builds');
  expect(entries).toMatchObject([{ action: 'retention.applied', data: { count: 0, builds: [] } }]);
  expect((await api.call(`/builds/${first.build.id}`)).status).toBe(200);
});

async function ended() {
  const made = await runningBuild(api);
  const { id, buildId } = made.job;
  await api.journal.commit((tx) => finishJob(tx, id, { result: 'success', reason: null }));
  await api.journal.commit(async (tx) => {
    await swapState(
      tx.db,
      'builds',
      buildId,
      ['queued', 'running'],
      'finished',
      { result: 'success' },
      tx.at,
    );
  });
  return made;
}

async function pinnedBuild() {
  const { build } = await ended();
  await as('admin', 'PUT', `/builds/${build.id}/pin`, {});
  return build;
}

async function repeatedBuild() {
  const { build } = await ended();
  expect((await api.post(`/builds/${build.id}/rerun`, { which: 'all' })).status).toBe(201);
  return build;
}

function as(
  role: 'read' | 'develop' | 'admin',
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  const subject = { read: 'reader', develop: 'developer', admin: 'administrator' }[role];
  const token = api.tokens.sign({ subject, role });
  return api.call(path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
