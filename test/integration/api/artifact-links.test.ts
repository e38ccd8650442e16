import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import type { Artifact, AuditLog, Link } from '#controller/api';
import { moveBuild, moveJob } from '#controller/builds';
import { createHandClock } from '../../../controller/clock/test-support.ts';
import { startApiServer, type ApiServer } from '#test/api-server';
import { storeArtifact, type StoredArtifact } from '#test/stored-artifact';

const clock = createHandClock();
let api: ApiServer;
let stored: StoredArtifact;

beforeAll(async () => {
  api = await startApiServer({ clock });
  stored = await storeArtifact(api, [
    { path: 'a b/ü.txt', content: 'hello\n' },
    { path: 'page.html', content: '<p>hello' },
  ]);
});

afterAll(() => api.dispose());

describe('a link', () => {
  test('gives one file to whoever has it, until it expires', async () => {
    const { url, expiresAt } = await link({ path: 'a b/ü.txt', for: '1h' });
    expect(expiresAt).toBe(clock.now() + 3_600_000);
    const response = await fetch(api.url + url);
    expect(await response.text()).toBe('hello\n');
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''%C3%BC.txt");
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    clock.pass(3_601_000);
    const late = await fetch(api.url + url);
    expect(late.status).toBe(410);
    expect(await late.text()).toContain('this link has expired');
  });

  test('shows a page in a sandbox', async () => {
    const { url } = await link({ path: 'page.html', for: '1h' });
    const { headers } = await fetch(`${api.url}${url}?view`);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
  });

  test('gives all of an artifact', async () => {
    const { url } = await link({ for: '1h' });
    const tar = Buffer.from(await (await fetch(api.url + url)).arrayBuffer());
    expect(tar.includes('page.html')).toBe(true);
  });

  test('opens nothing but what it was made for', async () => {
    const { url } = await link({ path: 'page.html', for: '1h' });
    const token = url.split('/').at(-2) ?? '';
    const headers = { authorization: `Bearer ${token}` };
    expect((await api.call(`/artifacts/${stored.id}/files/page.html`, { headers })).status).toBe(401);
    expect((await fetch(`${api.url}/api/v1/artifacts/shared/${api.admin}/x`)).status).toBe(401);
    const [head, , signature] = token.split('.');
    const claims = Buffer.from(JSON.stringify({ artifact: stored.id, path: null })).toString('base64url');
    const forged = `${head}.${claims}.${signature}`;
    expect((await fetch(`${api.url}/api/v1/artifacts/shared/${forged}/x`)).status).toBe(401);
  });

  test('is given to those who may work with builds, and noted', async () => {
    const reader = api.tokens.sign({ subject: 'bob', role: 'read' });
    const body = JSON.stringify({ for: '1h' });
    const headers = { authorization: `Bearer ${reader}`, 'content-type': 'application/json' };
    const path = `/artifacts/${stored.id}/links`;
    expect((await api.call(path, { method: 'POST', headers, body })).status).toBe(403);
    await link({ path: 'page.html', for: '2h' });
    const { entries } = await api.get<AuditLog>(`/audit?subject=${stored.id}&limit=1`);
    expect(entries).toMatchObject([
      { actor: 'administrator', action: 'artifact.shared', data: { name: 'out', path: 'page.html' } },
    ]);
  });

  test.each([{ for: '8d' }, { for: '0s' }, {}, { for: '1h', path: '' }])(
    'is refused for %j',
    async (body) => {
      expect((await api.post(`/artifacts/${stored.id}/links`, body)).status).toBe(400);
    },
  );

  test('is not made for what is not there', async () => {
    const response = await api.post(`/artifacts/${stored.id}/links`, { for: '1h', path: '../x' });
    expect(response.status).toBe(404);
  });

  test('never stands in the log of the controller, whatever goes wrong', async () => {
    const content = 'x'.repeat(200_000);
    const spoilt = await storeArtifact(api, [{ path: 'a', content }]);
    const { url } = await link({ path: 'a', for: '1h' }, spoilt.id);
    const objects = await Array.fromAsync(
      api.blobs.list(`artifacts/${spoilt.id}/`, AbortSignal.timeout(5000)),
    );
    for (const { key } of objects)
      await api.blobs.put(key, Buffer.from(content.replaceAll('x', 'y')), {}, AbortSignal.timeout(5000));
    await expect(fetch(api.url + url).then((response) => response.text())).rejects.toThrow();
    expect(api.logged.at(-1)).toMatchObject({ msg: 'an API call failed' });
    expect(JSON.stringify(api.logged)).not.toContain(url.split('/').at(-2));
  });

  test('says when what it opened was removed', async () => {
    const gone = await storeArtifact(api, [{ path: 'a', content: 'a' }]);
    const { url } = await link({ path: 'a', for: '1h' }, gone.id);
    await api.store.db.updateTable('artifacts').set({ state: 'expired' }).where('id', '=', gone.id).execute();
    expect((await fetch(api.url + url)).status).toBe(410);
    expect((await api.call(`/artifacts/${gone.id}/files/a`)).status).toBe(410);
    await api.store.db.deleteFrom('builds').where('id', '=', gone.build.id).execute();
    expect((await fetch(api.url + url)).status).toBe(410);
  });
});

describe('an address by names', () => {
  test('is that of the artifact which the last attempt left', async () => {
    const { build, id } = stored;
    const artifact = await api.get<Artifact>(`/artifacts/builds/${build.number}/a/out`);
    expect(artifact).toMatchObject({ id, state: 'complete', files: 2, archive: false });
    const response = await api.call(`/artifacts/builds/${build.number}/a/out/a%20b/%C3%BC.txt`);
    expect(await response.text()).toBe('hello\n');
    expect((await api.call(`/artifacts/builds/${build.number}/a/other`)).status).toBe(404);
    expect((await api.call(`/artifacts/builds/${build.number}/b/out`)).status).toBe(404);
    expect((await api.call('/artifacts/builds/999/a/out')).status).toBe(404);
  });

  test('is that of the build before where a rerun did not repeat the job', async () => {
    const { db } = api.store;
    const first = await storeArtifact(api, [{ path: 'v', content: 'first' }]);
    const again = await storeArtifact(api, [{ path: 'v', content: 'again' }]);
    await db.deleteFrom('artifacts').where('job_id', '=', again.job.id).execute();
    const path = `/artifacts/builds/${again.build.number}/a/out/v`;
    expect((await api.call(path)).status).toBe(404);
    await db.updateTable('jobs').set({ reused_from: first.job.id }).where('id', '=', again.job.id).execute();
    expect(await (await api.call(path)).text()).toBe('first');
  });

  test('is that of the newest build of a branch that succeeded', async () => {
    const path = '/artifacts/latest/a/out/v?pipeline=latest&branch=main';
    expect((await api.call(path)).status).toBe(404);
    await leave('1', 'success');
    await leave('2', 'success');
    await leave('3', 'failure');
    expect(await (await api.call(path)).text()).toBe('2');
    expect((await api.call(path.replace('main', 'topic'))).status).toBe(404);
    expect((await api.call(`${path}&project=nope`)).status).toBe(404);
  });
});

async function link(body: object, id = stored.id): Promise<Link> {
  const response = await api.post(`/artifacts/${id}/links`, body);
  expect(response.status).toBe(201);
  return (await response.json()) as Link;
}

/** By a build of the branch `main`. */
async function leave(content: string, result: 'success' | 'failure'): Promise<void> {
  const { build, job, step } = await storeArtifact(api, [{ path: 'v', content }]);
  const { db } = api.store;
  await db.updateTable('steps').set({ state: 'finished' }).where('id', '=', step.id).execute();
  await api.journal.commit(async (tx) => {
    await moveJob(tx, job.id, ['running'], 'finished', { result, finished_at: tx.at });
    await moveBuild(tx, build.id, ['queued', 'running'], 'finished', { result, finished_at: tx.at });
  });
  const terms = ['pipeline:latest', 'branch:main'].map((term) => ({ job_id: job.id, term }));
  await db.insertInto('job_terms').values(terms).execute();
}
