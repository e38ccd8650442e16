import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTokens, ensureAdminToken } from '#controller/api';
import { loadKeys } from '#controller/keys';
import { startApiServer, type ApiServer } from '#test/api-server';

let api: ApiServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-auth-'));
  api = await startApiServer();
});

afterAll(async () => {
  await api.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe('tokens', () => {
  test('without one, a call is refused, and the answer says what to send', async () => {
    const response = await api.call('/whoami', { headers: {} });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({ error: { code: 'unauthenticated', actor: 'user' } });
  });

  test('a good one says whom it stands for', async () => {
    expect(await api.get('/whoami')).toEqual({ subject: 'administrator', role: 'admin' });
  });

  test.each([
    ['garbage', () => 'garbage'],
    ['an unsigned one', () => unsigned({ sub: 'a', role: 'admin', iss: 'footman', aud: 'footman-api' })],
    ['one of another key', () => sign('x'.repeat(32), {})],
    ['an expired one', () => api.tokens.sign({ subject: 'a', role: 'admin' }, -10)],
    ['no scheme', () => api.admin, ''],
  ])('refused: %s', async (_, token, scheme = 'Bearer ') => {
    const response = await api.call('/whoami', { headers: { authorization: scheme + token() } });
    expect(response.status).toBe(401);
  });

  test('a token of another purpose is refused, whatever it claims', async () => {
    const keys = await loadKeys(join(folder, 'other.key'));
    const claims = { role: 'admin', sub: 'agent', iss: 'footman' };
    for (const audience of ['footman-agent', undefined]) {
      const token = jwt.sign(
        { ...claims, ...(audience === undefined ? {} : { aud: audience }) },
        keys.derive('api'),
      );
      expect(() => createTokens(keys).verify(token)).toThrow('not valid here');
    }
  });

  test('a reader reads and changes nothing', async () => {
    const headers = { authorization: `Bearer ${api.tokens.sign({ subject: 'eve', role: 'read' })}` };
    expect((await api.call('/builds', { headers })).status).toBe(200);
    const refused = await api.call('/builds', { method: 'POST', headers, body: '{}' });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'forbidden' } });
  });
});

describe('an administrator signs tokens', () => {
  test('for developers, for a while, and the audit log has that, but not the token', async () => {
    const response = await api.post('/tokens', { subject: 'ada', role: 'develop', for: '30d' });
    expect(response.status).toBe(201);
    const { token, expiresAt } = (await response.json()) as { token: string; expiresAt: number };
    expect(api.tokens.verify(token)).toEqual({ subject: 'ada', role: 'develop' });
    expect((jwt.decode(token) as jwt.JwtPayload).exp).toBeLessThanOrEqual(expiresAt / 1000 + 1);
    const audit = await api.get<{ entries: object[] }>('/audit?subject=ada');
    expect(audit.entries).toMatchObject([
      { actor: 'administrator', action: 'token.signed', data: { role: 'develop', expiresAt } },
    ]);
    expect(JSON.stringify(audit)).not.toContain(token);
  });

  test.each([
    { subject: 'Ada', role: 'read' },
    { subject: 'ada lovelace', role: 'read' },
    { subject: '../ada', role: 'read' },
    { subject: 'a'.repeat(65), role: 'read' },
    { subject: 'footman', role: 'read' },
    { subject: 'ada', role: 'root' },
    { subject: 'ada', role: 'read', for: '0s' },
  ])('but not %j', async (wish) => {
    expect((await api.post('/tokens', wish)).status).toBe(400);
  });
});

describe("the administrator's token", () => {
  test("is made once, for the owner's eyes only", async () => {
    const keys = await loadKeys(join(folder, 'signing.key'));
    const file = join(folder, 'data', 'admin.token');
    const token = await ensureAdminToken({ file, keys });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim()).toBe(token);
    expect(await ensureAdminToken({ file, keys })).toBe(token);
    expect(createTokens(keys).verify(token)).toEqual({ subject: 'administrator', role: 'admin' });
  });

  test('is made anew where the file holds one of another key', async () => {
    const keys = await loadKeys(join(folder, 'signing.key'));
    const file = join(folder, 'stale.token');
    await writeFile(
      file,
      `${createTokens(await loadKeys(join(folder, 'third.key'))).sign({ subject: 'a', role: 'admin' })}\n`,
    );
    const token = await ensureAdminToken({ file, keys });
    expect(createTokens(keys).verify(token).role).toBe('admin');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('outside /api/v1', () => {
  test('health and readiness are open, metrics are not', async () => {
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${api.url}/metrics`)).status).toBe(401);
  });

  test('metrics count what is under way, and the process', async () => {
    const pipeline = 'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }';
    expect((await api.post('/builds', { file: 'a.yaml', pipeline })).status).toBe(201);
    const response = await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${api.admin}` } });
    const text = await response.text();
    expect(text).toContain('footman_builds{state="queued"} 1');
    expect(text).toContain('footman_jobs{state="queued"} 1');
    expect(text).toContain('process_resident_memory_bytes');
  });

  test('no page of another origin may read an answer', async () => {
    const response = await api.call('/whoami', {
      headers: { authorization: `Bearer ${api.admin}`, origin: 'https://evil.example' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-powered-by')).toBeNull();
  });
});

// The last one: from then on this address has guessed too often.
test('who guesses is slowed down, and nobody else is', async () => {
  const headers = { authorization: 'Bearer guess' };
  const statuses = new Set<number>();
  for (let i = 0; i < 60; i++) statuses.add((await api.call('/whoami', { headers })).status);
  expect(statuses).toEqual(new Set([401, 429]));
  expect((await api.call('/whoami')).status).toBe(200);
});

function sign(key: string, claims: object): string {
  return jwt.sign({ sub: 'a', role: 'admin', iss: 'footman', aud: 'footman-api', ...claims }, key);
}

function unsigned(claims: object): string {
  return jwt.sign(claims, null, { algorithm: 'none' });
}
