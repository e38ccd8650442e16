import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type {
  AuditLog,
  Build,
  Hold,
  HoldKeyList,
  HoldList,
  HoldSessionList,
  Job,
  Node,
  Role,
} from '#controller/api';
import type { HeldFacts } from '#controller/gateway';
import { insertSession, jobsOfBuild, patchHoldKey } from '#controller/store';
import { holdOn, jobOnNode } from '#test/api-hold';
import { startApiServer, type ApiServer } from '#test/api-server';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

const unused = () => Promise.reject(new Error('nobody opens anything here'));

let api: ApiServer;
let facts: HeldFacts | null;

beforeAll(async () => {
  api = await startApiServer({
    bastion: { host: 'ci.lab', port: 2222 },
    heldNodes: { isConnected: () => true, facts: () => facts, open: unused, pack: unused },
  });
});
beforeEach(async () => {
  facts = null;
  // There is a limit to how many of one template are held.
  for (const id of await ids('')) await api.call(`/holds/${id}`, { method: 'DELETE', headers: ADMIN() });
});
afterAll(() => api.dispose());

describe('a hold', () => {
  test('shows whose it is, of what, until when, and the way in', async () => {
    const { id, expires_at: expiresAt } = await holdOn(api);
    const hold = await api.get<Hold>(`/holds/${id}`);
    expect(hold).toMatchObject({
      id,
      state: 'held',
      owner: 'ada',
      origin: 'pipeline',
      reason: 'it fails at night',
      node: { cloud: 'fake', template: 'small', state: 'held', connected: true },
      job: { key: 'a', result: 'failure' },
      admitted: true,
      expiresAt,
      endedAt: null,
      access: { bastion: `ssh -p 2222 ${id}@ci.lab`, direct: [] },
      snapshot: null,
    });
    expect(await api.get<Node>(`/nodes/${hold.node.id}`)).toMatchObject({
      hold: { id, owner: 'ada', expiresAt },
    });
    expect(await api.get<Job>(`/jobs/${hold.job.id}`)).toMatchObject({ hold: { id, state: 'held' } });
  });

  test('that nobody has found to be within the limits lets nobody in', async () => {
    const { id } = await holdOn(api, { isAdmitted: false });
    expect(await api.get<Hold>(`/holds/${id}`)).toMatchObject({
      admitted: false,
      access: { bastion: null, direct: [] },
    });
  });

  test("shows the node's own sshd, and nothing of what a hostile node would have people paste", async () => {
    const { id } = await holdOn(api, { keys: [KEY] });
    facts = { user: 'root', sshd: { port: 22, addresses: ['10.1.2.3', '$(reboot)', '-oProxyCommand=x'] } };
    const [key] = (await api.get<Hold>(`/holds/${id}`)).keys;
    const place = (user: string) =>
      patchHoldKey(api.store.db, { id: key?.id ?? '', holdId: id }, { placed: { user, problem: null } });
    await place('ubuntu');
    expect((await api.get<Hold>(`/holds/${id}`)).access.direct).toEqual(['ssh ubuntu@10.1.2.3']);
    await place('x; reboot');
    expect((await api.get<Hold>(`/holds/${id}`)).access.direct).toEqual([]);
  });

  test('is listed while it holds, and by owner and job also when it has ended', async () => {
    const { id, job_id: job } = await holdOn(api, { owner: 'grace' });
    expect(await ids('?owner=grace')).toEqual([id]);
    expect((await as('grace', 'DELETE', `/holds/${id}`)).status).toBe(200);
    expect(await ids('?owner=grace')).toEqual([]);
    expect(await ids('?owner=grace&state=all')).toEqual([id]);
    expect(await ids(`?job=${job}&state=all`)).toEqual([id]);
    expect(await api.get<Hold>(`/holds/${id}`)).toMatchObject({
      state: 'released',
      outcome: 'was released by grace',
      access: { bastion: null },
    });
  });
});

describe('who may what', () => {
  test.each<[Role, string, number]>([
    ['read', 'ada', 403],
    ['develop', 'mallory', 403],
    ['develop', 'ada', 200],
    ['admin', 'root', 200],
  ])('%s %s changes a hold of ada: %i', async (role, subject, status) => {
    const { id } = await holdOn(api);
    const extended = await as(subject, 'POST', `/holds/${id}/extension`, { for: '2h' }, role);
    expect(extended.status).toBe(status);
    const added = await as(subject, 'POST', `/holds/${id}/keys`, { key: KEY, login: 'ubuntu' }, role);
    expect(added.status).toBe(status === 200 ? 201 : status);
    expect((await as(subject, 'GET', `/holds/${id}/sessions`, undefined, role)).status).toBe(status);
    expect((await as(subject, 'POST', `/holds/${id}/terminals`, SIZE, role)).status).toBe(
      status === 200 ? 201 : status,
    );
    expect((await as(subject, 'POST', `/holds/${id}/snapshot`, {}, role)).status).toBe(status);
    expect((await as(subject, 'POST', `/holds/${id}/resume`, {}, role)).status).toBe(
      status === 200 ? 409 : status,
    );
    expect((await as(subject, 'DELETE', `/holds/${id}`, undefined, role)).status).toBe(status);
    expect((await as('eve', 'GET', `/holds/${id}`, undefined, 'read')).status).toBe(200);
  });

  test('a reader starts nothing; a developer builds, and administers nothing', async () => {
    const pipeline = 'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }';
    const build = { file: 'a.yaml', pipeline };
    expect((await as('eve', 'POST', '/builds', build, 'read')).status).toBe(403);
    const made = (await (await as('ada', 'POST', '/builds', build)).json()) as Build;
    expect(made.trigger).toMatchObject({ actor: 'ada' });
    expect((await as('ada', 'POST', `/builds/${made.id}/cancel`, {})).status).toBe(200);
    for (const [method, path] of [
      ['PUT', '/cordons/fake'],
      ['GET', '/secrets'],
      ['POST', '/tokens'],
      ['POST', '/projects'],
      ['DELETE', '/nodes/none'],
      ['POST', '/images/prune'],
      ['GET', '/configuration'],
    ] as const) {
      const refused = await as('ada', method, path, method === 'GET' ? undefined : {});
      expect(refused.status, path).toBe(403);
      expect(await refused.json()).toMatchObject({
        error: { message: 'ada may develop only; this call needs the role admin' },
      });
    }
  });
});

describe('a job', () => {
  test('that runs is to be held when it ends; one that has ended is gone, and it is said what helps', async () => {
    const { job } = await jobOnNode(api);
    const wished = await as('ada', 'POST', '/holds', { job: job.id, for: '90m', reason: 'why is it slow?' });
    expect(wished.status).toBe(201);
    expect(await wished.json()).toMatchObject({
      hold: { id: null, state: 'wished', on: 'end', owner: 'ada', reason: 'why is it slow?' },
    });
    expect((await as('mallory', 'POST', '/holds', { job: job.id })).status).toBe(403);
    const { job_id: ended } = await holdOn(api);
    expect(await (await as('ada', 'POST', '/holds', { job: ended })).json()).toMatchObject({
      error: { code: 'conflict', message: expect.stringContaining('is held already') },
    });
  });

  test.each([
    ['for', { for: '4' }, 'a unit is missing'],
    ['for', { for: '0s' }, 'no time at all'],
    ['reason', { reason: 'a\nb' }, 'one line of text'],
    ['keys', { keys: ['no key'] }, 'no public key'],
    ['keys', { keys: ['@nobody'] }, 'has no keys'],
  ])('is not held with a wrong %s: %j', async (_, wrong, message) => {
    const { job } = await jobOnNode(api);
    const refused = await as('ada', 'POST', '/holds', { job: job.id, ...wrong });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(await refused.json())).toContain(message);
  });
});

describe('a rerun', () => {
  test('holds what fails of it, for whoever asked; without that, it inherits nothing', async () => {
    const { build_id: build } = await holdOn(api, { keys: [KEY] });
    const wish = { which: 'failed', hold: { for: '2h', keys: [KEY] } };
    const held = (await (await as('grace', 'POST', `/builds/${build}/rerun`, wish)).json()) as Build;
    const [job] = await jobsOfBuild(api.store.db, held.id);
    expect(job?.hold).toMatchObject({ on: 'failure', origin: 'rerun', owner: 'grace', forMs: 7_200_000 });
    const plain = (await (
      await as('grace', 'POST', `/builds/${build}/rerun`, { which: 'all' })
    ).json()) as Build;
    const failed = (await (
      await as('grace', 'POST', `/builds/${build}/rerun`, { which: 'failed' })
    ).json()) as Build;
    for (const { id } of [plain, failed])
      expect((await jobsOfBuild(api.store.db, id)).map(({ hold }) => hold)).toEqual([null]);
  });
});

describe('keys', () => {
  test('of a profile are the caller’s own, and open what they hold', async () => {
    const added = await as('grace', 'POST', '/keys', { key: `${KEY} grace@lab` });
    expect(added.status).toBe(201);
    const { fingerprint } = (await added.json()) as { fingerprint: string };
    expect(await (await as('ada', 'GET', '/keys')).json()).toEqual({ owner: 'ada', keys: [] });
    const { id } = await holdOn(api, { owner: 'grace' });
    expect(await live(id)).toEqual([fingerprint]);
    // Fingerprints have slashes.
    expect((await as('grace', 'DELETE', `/keys/${fingerprint}`)).status).toBe(200);
    expect(await live(id)).toEqual([]);
  });

  test('of a hold are revoked for good, and the audit log has who did what', async () => {
    const { id } = await holdOn(api);
    const added = await as('ada', 'POST', `/holds/${id}/keys`, { key: KEY, login: 'ubuntu' });
    const [key] = ((await added.json()) as HoldKeyList).keys;
    expect(key).toMatchObject({ login: 'ubuntu', addedBy: 'ada', revokedAt: null, placed: null });
    const revoked = await as('root', 'DELETE', `/holds/${id}/keys/${key?.id}`, undefined, 'admin');
    expect(await revoked.json()).toMatchObject({ revokedBy: 'root' });
    const { entries } = await api.get<AuditLog>(`/audit?subject=${id}`);
    expect(entries.map(({ actor, action, data }) => [actor, action, data['fingerprint']])).toEqual([
      ['root', 'hold.key-revoked', key?.fingerprint],
      ['ada', 'hold.key-added', key?.fingerprint],
    ]);
  });
});

test('a rule for the next failures is its owner’s to end', async () => {
  const made = await as('ada', 'POST', '/autoholds', { pipeline: 'nightly*', branch: 'main', count: 3 });
  expect(made.status).toBe(201);
  const rule = (await made.json()) as { id: string };
  expect(rule).toMatchObject({ owner: 'ada', pipeline: 'nightly*', job: null, remaining: 3, count: 3 });
  const mine = async (subject: string) =>
    (await (await as(subject, 'GET', '/autoholds?mine=true')).json()) as { autoholds: object[] };
  expect((await mine('ada')).autoholds).toEqual([rule]);
  expect((await mine('grace')).autoholds).toEqual([]);
  expect((await as('grace', 'DELETE', `/autoholds/${rule.id}`)).status).toBe(403);
  expect((await as('ada', 'DELETE', `/autoholds/${rule.id}`)).status).toBe(200);
  expect((await mine('ada')).autoholds).toEqual([]);
});

describe('a recording', () => {
  test('is given to the owner of the hold, as long as it is kept', async () => {
    const { id } = await holdOn(api);
    const session = { id: 'session1', hold_id: id, kind: 'shell', who: 'ada', peer: '::1', started_at: 1 };
    await insertSession(api.store.db, { ...session, kind: 'shell' as const });
    const { sessions } = (await (await as('ada', 'GET', `/holds/${id}/sessions`)).json()) as HoldSessionList;
    expect(sessions).toMatchObject([{ id: 'session1', kind: 'shell', who: 'ada', recordedBytes: null }]);
    const path = `/holds/${id}/sessions/session1/recording`;
    expect((await as('ada', 'GET', path)).status).toBe(404);
    const file = join(api.folder, 'recordings', id, 'session1.cast');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '{"version": 2}\n');
    const given = await as('ada', 'GET', path);
    expect(given.headers.get('content-type')).toContain('application/x-asciicast');
    expect(await given.text()).toBe('{"version": 2}\n');
    expect((await as('mallory', 'GET', path)).status).toBe(403);
    const { id: other } = await holdOn(api);
    expect((await as('ada', 'GET', `/holds/${other}/sessions/session1/recording`)).status).toBe(404);
  });
});

test('metrics count held nodes, and who is on them', async () => {
  const { id } = await holdOn(api);
  const session = { hold_id: id, kind: 'sftp', who: 'ada', started_at: 1 } as const;
  await insertSession(api.store.db, { ...session, id: 'session2' });
  const text = await (await fetch(`${api.url}/metrics`, { headers: ADMIN() })).text();
  expect(text).toContain('footman_held_nodes{cloud="fake",template="small"} 1\n');
  expect(text).toContain('footman_hold_sessions{kind="sftp"} 1\n');
});

const ADMIN = () => ({ authorization: `Bearer ${api.admin}` });
const SIZE = { columns: 80, rows: 24 };

async function ids(query: string): Promise<string[]> {
  return (await api.get<HoldList>(`/holds${query}`)).holds.map(({ id }) => id);
}

async function live(hold: string): Promise<string[]> {
  const { keys } = await api.get<HoldKeyList>(`/holds/${hold}/keys`);
  return keys.filter(({ revokedAt }) => revokedAt === null).map(({ fingerprint }) => fingerprint);
}

function as(
  subject: string,
  method: string,
  path: string,
  body?: object,
  role: Role = 'develop',
): Promise<Response> {
  return api.call(path, {
    method,
    headers: { authorization: `Bearer ${api.tokens.sign({ subject, role })}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
