import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshVersion, nextNumber, promote } from '#controller/images';
import { insertVersion, type ImageVersion } from '#controller/store';
import { startApiServer, type ApiServer } from '#test/api-server';

const HOUR = 60 * 60_000;

let api: ApiServer;
let now = 100 * HOUR;

beforeAll(async () => {
  api = await startApiServer({ clock: { now: () => now, after: () => () => undefined } });
  const current = await put('nightly', { bytes: 700 });
  await api.journal.commit((tx) => promote(tx, current.id));
  await put('nightly', { state: 'verifying', bytes: 300 });
  await put('never', { state: 'failed', bytes: null });
  await put('prepared/abc', { bytes: 50 });
});

afterAll(() => api.dispose());

test('a named stream has an age, and is overdue when that is more than its snapshot says; prepared ones have none', async () => {
  now += HOUR;
  const early = await scrape();
  expect(early).toContain('footman_image_stream_age_seconds{stream="nightly",cloud="fake"} 3600\n');
  expect(early).toContain('footman_image_stream_overdue{stream="nightly",cloud="fake"} 0\n');
  expect(early).not.toMatch(/prepared\/abc/);
  now += 23 * HOUR + 1;
  const late = await scrape();
  expect(late).toContain('footman_image_stream_overdue{stream="nightly",cloud="fake"} 1\n');
});

test('a stream that never had a version is overdue, too, and has no age', async () => {
  const text = await scrape();
  expect(text).toContain('footman_image_stream_overdue{stream="never",cloud="fake"} 1\n');
  expect(text).not.toContain('footman_image_stream_age_seconds{stream="never"');
});

test('versions are counted by state, and what they take by kind', async () => {
  const text = await scrape();
  expect(text).toContain('footman_image_versions{state="ready"} 2\n');
  expect(text).toContain('footman_image_versions{state="verifying"} 1\n');
  expect(text).toContain('footman_image_versions{state="failed"} 1\n');
  expect(text).toContain('footman_image_bytes{kind="named"} 1000\n');
  expect(text).toContain('footman_image_bytes{kind="prepared"} 50\n');
});

test('jobs that wanted a prepared image are counted by how they came to it, once each', async () => {
  for (const outcome of [null, 'hit', 'hit', 'waited', 'uncached', 'anything'])
    await api.journal.commit((tx) =>
      tx.record({ kind: 'job', data: { id: 'j1', state: 'blocked', outcome } }),
    );
  const counts = (await scrape())
    .split('\n')
    .filter((line) => line.startsWith('footman_prepared_jobs_total'));
  expect(counts).toEqual([
    'footman_prepared_jobs_total{outcome="hit"} 2',
    'footman_prepared_jobs_total{outcome="waited"} 1',
    'footman_prepared_jobs_total{outcome="uncached"} 1',
  ]);
});

async function put(stream: string, given: Partial<ImageVersion>): Promise<ImageVersion> {
  return api.journal.commit(async (tx) => {
    const id = { name: stream, cloud: 'fake' };
    const number = await nextNumber(tx, id, { keep: 3, refreshAfterMs: 24 * HOUR });
    const version: ImageVersion = { ...freshVersion(tx, id, number), state: 'ready', ...given };
    await insertVersion(tx.db, version);
    return version;
  });
}

async function scrape(): Promise<string> {
  const headers = { authorization: `Bearer ${api.admin}` };
  return (await fetch(`${api.url}/metrics`, { headers })).text();
}
