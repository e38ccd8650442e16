import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApiServer, type ApiServer } from '#test/api-server';

const VALUE = 'correct horse battery staple';

let api: ApiServer;

beforeAll(async () => {
  api = await startApiServer();
});

afterAll(() => api.dispose());

function call(method: string, path: string, body?: unknown, token = api.admin): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return api.call(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

test('a secret is set, listed and removed, and no answer has its value', async () => {
  const answers = [
    await call('PUT', '/secrets/TOKEN', { value: VALUE }),
    await call('PUT', '/secrets/TOKEN', { value: VALUE, scope: 'pipeline:storage/ceph', debug: 'allow' }),
    await call('GET', '/secrets'),
    await call('DELETE', '/secrets/TOKEN'),
    await call('GET', '/secrets'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  expect(texts.join()).not.toContain('horse');
  const [set, , list, removed, rest] = texts.map((text) => JSON.parse(text) as object);
  const time = expect.any(Number);
  const secret = { name: 'TOKEN', createdAt: time, updatedAt: time };
  const one = { ...secret, scope: 'controller', debug: 'deny' };
  const other = { ...secret, scope: 'pipeline:storage/ceph', debug: 'allow' };
  expect([set, list, removed, rest]).toEqual([one, { secrets: [one, other] }, one, { secrets: [other] }]);
});

test('what is not there can not be removed', async () => {
  const answer = await call('DELETE', '/secrets/NONE?scope=project:storage');
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({
    error: { message: 'there is no secret NONE (project:storage)' },
  });
});

test('the key is rotated', async () => {
  await call('PUT', '/secrets/ROTATED', { value: VALUE });
  const first = (await (await call('POST', '/secrets/rotate', {})).json()) as { key: string };
  const second = (await (await call('POST', '/secrets/rotate', {})).json()) as { key: string };
  expect(second).toEqual({ key: expect.any(String), moved: expect.any(Number), unreadable: [] });
  expect(second.key).not.toBe(first.key);
});

describe('mistakes are answered with a sentence, and neither it nor the log has the value', () => {
  test.each([
    ['a name that is none', '/secrets/MY-TOKEN', { value: VALUE }],
    ['a scope that is none', '/secrets/TOKEN', { value: VALUE, scope: VALUE }],
    ['a value that is too short', '/secrets/TOKEN', { value: 'hor' }],
    ['a value that is too large', '/secrets/TOKEN', { value: 'horse'.repeat(100_000) }],
    ['a value that is a list', '/secrets/TOKEN', { value: [VALUE] }],
    ['a policy that is none', '/secrets/TOKEN', { value: VALUE, debug: 'horse' }],
    ['JSON that breaks off', '/secrets/TOKEN', `{"value":"${VALUE}"`],
    ['JSON with a stray word', '/secrets/TOKEN', `{"value":${VALUE}}`],
    ['JSON with a bad escape', '/secrets/TOKEN', String.raw`{"value":"horse\q"}`],
  ])('%s', async (_, path, body) => {
    const answer = await call('PUT', path, body);
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toMatch(/hor|corr/);
    expect(JSON.stringify(api.logged)).not.toMatch(/hor|corr/);
  });

  test('a store that fails', async () => {
    const broken = await startApiServer();
    await broken.store.close();
    const answer = await broken.call('/secrets/TOKEN', {
      method: 'PUT',
      headers: { authorization: `Bearer ${broken.admin}` },
      body: JSON.stringify({ value: VALUE }),
    });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('horse');
    expect(broken.logged).not.toEqual([]);
    expect(JSON.stringify(broken.logged)).not.toContain('horse');
    await broken.dispose();
  });
});

test('who may only read sees not even the names', async () => {
  const reader = api.tokens.sign({ subject: 'eve', role: 'read' });
  const answers = [
    await call('GET', '/secrets', undefined, reader),
    await call('PUT', '/secrets/TOKEN', { value: VALUE }, reader),
    await call('DELETE', '/secrets/TOKEN', undefined, reader),
    await call('POST', '/secrets/rotate', {}, reader),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
});

test("who changed what is in the controller's log", () => {
  expect(api.logged).toContainEqual(
    expect.objectContaining({ caller: 'administrator', msg: 'a secret was set', name: 'TOKEN' }),
  );
});
