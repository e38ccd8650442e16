import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ErrorAnswer, FsckLine } from '#controller/api';
import { insertCache } from '#controller/store';
import { startApiServer, type ApiServer } from '#test/api-server';

const never = new AbortController().signal;
let api: ApiServer;

beforeEach(async () => {
  api = await startApiServer();
});

afterEach(() => api.dispose());

test('what is wrong comes as lines of JSON, and a summary comes last', async () => {
  await cache('there');
  await cache('gone');
  await api.blobs.remove('caches/gone', never);
  await api.blobs.put('caches/nobody', Buffer.from('x'), {}, never);
  expect(await check()).toEqual([
    {
      kind: 'finding',
      problem: 'missing',
      key: 'caches/gone',
      of: 'cache gone',
      message: 'it is not there',
    },
    {
      kind: 'finding',
      problem: 'orphan',
      key: 'caches/nobody',
      of: 'nobody',
      message: expect.stringContaining('no row has it'),
    },
    { kind: 'summary', damaged: 1, orphans: 1, objects: 2, bytes: 0 },
  ]);
});

test('content is read only if digests are asked for', async () => {
  await cache('there');
  await api.blobs.put('caches/there', Buffer.from('2'), {}, never);
  expect(await check()).toMatchObject([{ kind: 'summary', damaged: 0, bytes: 0 }]);
  expect(await check('?digests=true')).toMatchObject([
    { kind: 'finding', problem: 'digest' },
    { kind: 'summary', damaged: 1, bytes: 1 },
  ]);
});

test('a storage that is another controller’s is refused', async () => {
  await api.blobs.put('footman.json', Buffer.from('{"controller":"theirs"}'), {}, never);
  const answer = await api.call('/fsck', { method: 'POST', headers: bearer(api.admin) });
  expect(answer.status).toBe(409);
  expect(((await answer.json()) as ErrorAnswer).error.message).toContain('another controller, theirs');
});

test('only administrators may ask', async () => {
  const token = api.tokens.sign({ subject: 'developer', role: 'develop' });
  expect((await api.call('/fsck', { method: 'POST', headers: bearer(token) })).status).toBe(403);
});

async function check(query = ''): Promise<FsckLine[]> {
  const answer = await api.call(`/fsck${query}`, { method: 'POST', headers: bearer(api.admin) });
  expect(answer.status).toBe(200);
  const text = await answer.text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as FsckLine);
}

async function cache(key: string): Promise<void> {
  const blob = `caches/${key}`;
  await api.blobs.put(blob, Buffer.from('1'), {}, never);
  // The digest of `1`.
  const sha256 = '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b';
  const entry = { id: key, scope: 's', version: 'v', key, blob, bytes: 1, sha256 };
  await insertCache(api.store.db, { ...entry, created_at: 1, used_at: 1 });
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
