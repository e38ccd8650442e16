import { connect } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApiServer, type ApiServer } from '#test/api-server';

let api: ApiServer;

beforeAll(async () => {
  api = await startApiServer();
});

afterAll(() => api.dispose());

describe('what no call may break', () => {
  test.each([
    ['no JSON', '{"file":'],
    ['another JSON', '[1,2,3]'],
    ['a string', '"x"'],
    ['unknown keys', '{"file":"a","pipeline":"b","evil":1}'],
    ['wrong types', '{"file":1,"pipeline":{}}'],
    ['a prototype', '{"__proto__":{"file":"a"},"pipeline":"b"}'],
  ])('a body that is %s', async (_, body) => {
    const headers = { authorization: `Bearer ${api.admin}`, 'content-type': 'application/json' };
    const response = await api.call('/builds', { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'request-invalid', actor: 'user' } });
  });

  test('a pipeline of 10 MiB is refused by its size', async () => {
    const response = await api.post('/builds', { file: 'a.yaml', pipeline: 'x'.repeat(10 * 1024 * 1024) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'too-large' } });
  });

  test('aliases that multiply are refused as a mistake of the document', async () => {
    const bomb = Array.from(
      { length: 20 },
      (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(i === 0 ? 0 : 9)}]`,
    ).join('\n');
    const response = await api.post('/builds', { file: 'a.yaml', pipeline: bomb });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'document-invalid' } });
  });

  test.each([
    '/builds/999999',
    '/builds/nope',
    '/builds/..%2f..%2fetc%2fpasswd',
    '/builds/%00',
    '/jobs/none',
    '/jobs/none/waiting',
    '/steps/none/log',
    '/steps/..%2f..%2fetc/log',
    '/artifacts/none/files',
    '/artifacts/none/files/../../../etc/passwd',
    '/artifacts/none/files/%2e%2e/%2e%2e/etc/passwd',
    '/nodes/none',
    '/nodes/none/console',
    '/nothing',
  ])('not there: %s', async (path) => {
    const response = await api.call(path);
    expect([400, 404]).toContain(response.status);
    expect(await response.json()).toMatchObject({
      error: { code: expect.stringMatching(/not-found|request-invalid/) },
    });
  });

  test.each([
    '/jobs?branch=a%00b',
    '/tests?query=%00',
    '/artifacts/x/files/a%00b',
    '/artifacts/shared/%00/a',
  ])('a NUL in %s', async (path) => {
    const response = await api.call(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'request-invalid' } });
  });

  test('an address that is badly encoded', async () => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.end(
      `GET /api/v1/builds/%ZZ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.admin}\r\nConnection: close\r\n\r\n`,
    );
    expect(await text(socket)).toContain('400 Bad Request');
  });

  test('what nobody foresaw is logged under an id, and nothing of it is told', async () => {
    await api.store.close();
    const response = await api.call('/builds');
    expect(response.status).toBe(500);
    const answer = (await response.json()) as { error: { message: string } };
    const id = /[0-9a-f-]{36}/.exec(answer.error.message)?.[0];
    expect(answer).toMatchObject({ error: { code: 'internal', actor: 'maintainer' } });
    expect(answer.error.message).not.toMatch(/store|sqlite|select/i);
    expect(api.logged).toContainEqual(expect.objectContaining({ requestId: id, path: '/api/v1/builds' }));
    expect((await fetch(`${api.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
  });
});
