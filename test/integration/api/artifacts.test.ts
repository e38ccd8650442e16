import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArtifactFiles, Build, NewSource } from '#controller/api';
import { startApiServer, type ApiServer } from '#test/api-server';
import { sha256Of, storeArtifact } from '#test/stored-artifact';

const CONTENT = Buffer.from('0123456789');
const SHA256 = sha256Of(CONTENT);

const COMMIT = 'c'.repeat(40);

let api: ApiServer;

beforeAll(async () => {
  api = await startApiServer();
});

afterAll(() => api.dispose());

/** An artifact with a file at each path. */
async function archived(paths: string[], { complete = true } = {}): Promise<string> {
  const files = paths.map((path) => ({ path, content: CONTENT, mode: 0o755 }));
  return (await storeArtifact(api, files, { state: complete ? 'complete' : 'collecting' })).id;
}

describe('files of an artifact', () => {
  test('are listed in pages, by path', async () => {
    const id = await archived(['b', 'a/ü', 'c']);
    const first = await api.get<ArtifactFiles>(`/artifacts/${id}/files?limit=2`);
    expect(first.files.map(({ path }) => path)).toEqual(['a/ü', 'b']);
    expect(first.files[0]).toEqual({
      path: 'a/ü',
      bytes: 10,
      sha256: SHA256,
      mode: 0o755,
      executable: true,
      link: null,
    });
    const second = await api.get<ArtifactFiles>(`/artifacts/${id}/files?after=${first.next}`);
    expect(second).toMatchObject({ files: [{ path: 'c' }], next: null });
  });

  test('show all at once, when the artifact is complete', async () => {
    const id = await archived(['a'], { complete: false });
    expect(await api.get(`/artifacts/${id}/files`)).toEqual({ files: [], next: null });
    expect((await api.call(`/artifacts/${id}/files/a`)).status).toBe(404);
  });

  test('are downloaded, never shown: a page in them runs nowhere', async () => {
    const id = await archived(['sub dir/é "x".html']);
    const response = await api.call(`/artifacts/${id}/files/${encodeURI('sub dir/é "x".html')}`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(CONTENT);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; /);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('repr-digest')).toBe(
      `sha-256=:${Buffer.from(SHA256, 'hex').toString('base64')}:`,
    );
  });

  test.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=4-100', 206, '456789', 'bytes 4-9/10'],
    ['bytes=20-', 416, expect.stringContaining('it has 10 bytes'), 'bytes */10'],
    ['lines=1-2', 200, '0123456789', null],
    ['bytes=0-1,4-5', 200, '0123456789', null],
  ])('range %s', async (range, status, body, contentRange) => {
    const id = await archived(['a']);
    const headers = { authorization: `Bearer ${api.admin}`, range };
    const response = await api.call(`/artifacts/${id}/files/a`, { headers });
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(response.headers.get('content-range')).toBe(contentRange);
  });

  test('that the client has already are not sent again', async () => {
    const id = await archived(['a']);
    const headers = {
      authorization: `Bearer ${api.admin}`,
      'if-none-match': `"${SHA256}"`,
      'cache-control': 'max-age=0',
    };
    expect((await api.call(`/artifacts/${id}/files/a`, { headers })).status).toBe(304);
  });

  test('whose path leads out of the artifact are simply not there', async () => {
    const id = await archived(['a']);
    for (const path of ['..%2fa', '%2e%2e%2f%2e%2e%2fsigning.key', '%2fetc%2fpasswd']) {
      expect((await api.call(`/artifacts/${id}/files/${path}`)).status).toBe(404);
    }
  });
});

describe('sources', () => {
  test('are uploaded once, and builds can be of them', async () => {
    const response = await upload(CONTENT, { sha256: SHA256, commit: COMMIT, ref: 'main' });
    expect(response.status).toBe(201);
    const source = (await response.json()) as NewSource;
    expect(source).toEqual({ sha256: SHA256, bytes: 10, commit: COMMIT, ref: 'main' });
    const pipeline = 'jobs: { a: { runs-on: linux, steps: [{ checkout: true }] } }';
    const build = (await (await api.post('/builds', { file: 'a.yaml', pipeline, source })).json()) as Build;
    expect(build.source).toEqual(source);
  });

  test('with another digest are refused, and nothing is kept', async () => {
    const sha256 = 'd'.repeat(64);
    expect((await upload(CONTENT, { sha256, commit: COMMIT })).status).toBe(400);
    expect(await api.blobs.head(`sources/${sha256}`, AbortSignal.timeout(5000))).toBeUndefined();
  });

  test('that are too large are refused', async () => {
    const response = await upload(Buffer.alloc(1024 * 1024 + 1), { sha256: SHA256, commit: COMMIT });
    expect(response.status).toBe(413);
  });

  test.each([
    { sha256: '../../x', commit: COMMIT },
    { sha256: SHA256, commit: '--upload-pack=x' },
    { sha256: SHA256 },
  ])('refused: %j', async (query) => {
    expect((await upload(CONTENT, query)).status).toBe(400);
  });
});

function upload(body: Buffer, query: Record<string, string>): Promise<Response> {
  return api.call(`/sources?${new URLSearchParams(query).toString()}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.admin}`, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(body),
  });
}
