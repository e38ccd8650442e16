import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImageExport, ImageVersion, ImageVersionList } from '#controller/api';
import { createSystemClock } from '#controller/clock';
import { patchHold } from '#controller/store';
import { holdOn } from '#test/api-hold';
import { startApiServer, type ApiServer } from '#test/api-server';
import { putVersion } from '#test/image-versions';

const HOUR = 60 * 60_000;
const NOW = 1_000_000_000;
/** A file as the fake cloud exports images. */
const FILE = JSON.stringify({ kind: 'footman-fake-image', content: 'all that is installed' });

let api: ApiServer;

beforeAll(async () => {
  api = await startApiServer({ clock: { ...createSystemClock(), now: () => NOW } });
});

afterAll(() => api.dispose());

test('an image is imported as a version to verify, and downloaded as it was by a link without a token', async () => {
  const answer = await send('stream=moved&cloud=fake&template=small', FILE);
  expect(answer.status).toBe(201);
  const version = (await answer.json()) as ImageVersion;
  expect(version).toMatchObject({
    name: 'moved-1.fake',
    state: 'candidate',
    build: null,
    template: 'small',
    promotion: { how: 'manual' },
  });
  const made = await exported(version.name);
  expect(made).toEqual({
    url: expect.stringMatching(/^\//),
    bytes: Buffer.byteLength(FILE),
    sha256: createHash('sha256').update(FILE).digest('hex'),
    fileName: 'moved-1.fake.json',
    expiresAt: NOW + HOUR,
  });
  expect(await (await fetch(api.url + made.url)).text()).toBe(FILE);
  expect((await fetch(api.url + made.url.replace('moved', 'other'))).status).toBe(403);
});

test.each([
  ['a template that is not there', 'stream=x&cloud=fake&template=none', FILE, 404, 'fake/none'],
  ['a stream of prepared images', 'stream=prepared/x&cloud=fake&template=small', FILE, 400, 'stream'],
  ['what is no image', 'stream=x&cloud=fake&template=small', 'rubbish', 502, 'no image'],
])('an image is not imported: %s', async (_, query, file, status, why) => {
  const answer = await send(query, file);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toContain(why);
  const { versions } = await api.get<ImageVersionList>('/images/versions?stream=x&state=candidate');
  expect(versions).toEqual([]);
});

test('a developer exports the machine that they held, and no other image', async () => {
  const version = await putVersion(api.journal, { name: 'kept', cloud: 'fake' });
  const asAda = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${api.tokens.sign({ subject: 'ada', role: 'develop' })}` };
    const path = `/images/versions/${version.id}/export`;
    return (await api.call(path, { method: 'POST', headers })).status;
  };
  expect(await asAda()).toBe(403);
  const hold = await holdOn(api, { owner: 'ada' });
  await patchHold(api.store.db, hold.id, { version_id: version.id });
  // It gets beyond the door: that image is not in the cloud.
  expect(await asAda()).not.toBe(403);
});

test('there is no file of a version without an image', async () => {
  const version = await putVersion(api.journal, { name: 'moved', cloud: 'fake' }, { state: 'capturing' });
  expect((await api.post(`/images/versions/${version.id}/export`, {})).status).toBe(409);
});

function send(query: string, body: string): Promise<Response> {
  const headers = { authorization: `Bearer ${api.admin}`, 'content-type': 'application/octet-stream' };
  return api.call(`/images/import?${query}`, { method: 'POST', headers, body });
}

async function exported(version: string): Promise<ImageExport> {
  return (await (await api.post(`/images/versions/${version}/export`, {})).json()) as ImageExport;
}
