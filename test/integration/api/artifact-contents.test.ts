import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApiServer, type ApiServer } from '#test/api-server';
import { storeArtifact, type Stored } from '#test/stored-artifact';

const run = promisify(execFile);

const LARGE = Buffer.from(Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join(''));

const FILES: Stored[] = [
  { path: 'bin/tool', content: '#!/bin/sh\necho hi\n', mode: 0o755 },
  { path: 'latest', link: 'v1' },
  { path: 'out', link: '../../etc/passwd' },
  { path: 'round', link: 'round' },
  { path: 'tool', link: 'bin/tool' },
  { path: 'v1/a b\nc.txt', content: 'with a line in its name\n' },
  { path: 'v1/large.txt', content: LARGE },
];

let api: ApiServer;
let folder: string;

beforeAll(async () => {
  api = await startApiServer();
  folder = await mkdtemp(join(tmpdir(), 'footman-contents-'));
});

afterAll(async () => {
  await api.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ['files', false],
  ['an archive', true],
])('an artifact that is stored as %s', (_, archive) => {
  let id: string;

  beforeAll(async () => {
    ({ id } = await storeArtifact(api, FILES, { archive }));
  });

  test('gives any file, and any range of it', async () => {
    expect(await bytesOf('files/v1/large.txt')).toEqual(LARGE);
    const headers = { authorization: `Bearer ${api.admin}`, range: 'bytes=1000-2999' };
    const response = await api.call(`/artifacts/${id}/files/v1/large.txt`, { headers });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes 1000-2999/${LARGE.length}`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(LARGE.subarray(1000, 3000));
  });

  test('gives what its links lead to, as long as that is its own', async () => {
    expect((await bytesOf('files/tool')).toString()).toContain('echo hi');
    expect(await bytesOf('files/latest/large.txt')).toEqual(LARGE);
    for (const path of ['out', 'round', 'latest', 'latest/nothing']) {
      expect((await api.call(`/artifacts/${id}/files/${path}`)).status, path).toBe(404);
    }
  });

  test('is a tar that unpacks to what it was, and whose digests sha256sum checks', async () => {
    const into = await mkdtemp(join(folder, 'unpacked-'));
    const name = join(into, archive ? 'all.tar.zst' : 'all.tar');
    await writeFile(name, await bytesOf('archive'));
    await run('sh', ['-c', archive ? 'zstd -qdc "$0" | tar -x' : 'tar -xf "$0"', name], { cwd: into });
    expect(await readFile(join(into, 'v1/large.txt'))).toEqual(LARGE);
    expect((await stat(join(into, 'bin/tool'))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(into, 'latest'))).toBe('v1');
    await writeFile(join(into, 'SHA256SUMS'), await bytesOf('SHA256SUMS'));
    const { stdout } = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: into });
    expect(stdout.match(/: OK$/gm)).toHaveLength(3);
  });

  async function bytesOf(what: string): Promise<Buffer> {
    const response = await api.call(`/artifacts/${id}/${what}`);
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  }
});

describe('content that is not what was stored', () => {
  test('is cut off before its end', async () => {
    const { id } = await storeArtifact(api, [{ path: 'a', content: LARGE }]);
    const file = await fileOf(id);
    await api.blobs.put(file.blob, Buffer.concat([LARGE.subarray(1), Buffer.from('x')]), {}, signal());
    await expect(wholeOf(id)).rejects.toThrow();
    await api.blobs.put(file.blob, LARGE.subarray(1), {}, signal());
    await expect(wholeOf(id)).rejects.toThrow();
  });

  test('of another size is not sent at all: what is beyond it would pass for the next answer', async () => {
    const { id } = await storeArtifact(api, [{ path: 'a', content: LARGE }]);
    const { blob } = await fileOf(id);
    const next = `HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`;
    await api.blobs.put(blob, Buffer.concat([LARGE, Buffer.from(next.padEnd(100_000))]), {}, signal());
    for (const range of [undefined, 'bytes=10-19', `bytes=10-${LARGE.length - 1}`]) {
      const headers = { authorization: `Bearer ${api.admin}`, ...(range !== undefined && { range }) };
      const { status } = await api.call(`/artifacts/${id}/files/a`, { headers });
      expect(status, range).toBe(502);
    }
  });

  test('in an archive is cut off as well', async () => {
    const { id } = await storeArtifact(api, [{ path: 'a', content: LARGE }], { archive: true });
    await api.store.db
      .updateTable('artifact_files')
      .set({ tar_offset: 0 })
      .where('artifact_id', '=', id)
      .execute();
    await expect(wholeOf(id)).rejects.toThrow();
    await api.blobs.put(`artifacts/${id}/archive.tar.zst`, Buffer.from('no archive'), {}, signal());
    await expect(wholeOf(id)).rejects.toThrow();
  });
});

describe('what a browser is shown', () => {
  const shown = [
    { path: 'log.txt', content: '<script>alert(1)</script>' },
    { path: 'page.html', content: '<script>alert(1)</script>' },
    { path: 'pic.svg', content: '<svg/>' },
    { path: 'pic.png', content: 'png' },
    { path: 'thing.bin', content: 'x' },
    { path: 'evil\u202Etxt.exe', content: 'x' },
    { path: 'a\r\nSet-Cookie: x=日.txt', content: 'x' },
  ];
  let id: string;

  beforeAll(async () => {
    ({ id } = await storeArtifact(api, shown));
  });

  test.each([
    ['log.txt', 'text/plain; charset=utf-8'],
    ['page.html', 'text/html; charset=utf-8'],
    ['pic.svg', 'image/svg+xml'],
    ['pic.png', 'image/png'],
  ])('%s, in a sandbox without scripts', async (path, type) => {
    const { headers } = await api.call(`/artifacts/${id}/files/${path}?view`);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('content-disposition')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch(/^sandbox; default-src 'none'/);
    expect(policy).not.toMatch(/allow-|script-src/);
  });

  test('nothing that no browser should show', async () => {
    const { headers } = await api.call(`/artifacts/${id}/files/thing.bin?view`);
    expect(headers.get('content-disposition')).toBe('attachment; filename=thing.bin');
    expect(headers.get('content-type')).toBe('application/octet-stream');
  });

  test('names that can neither break a header nor hide their ending', async () => {
    const turned = await api.call(`/artifacts/${id}/files/${encodeURIComponent('evil\u202Etxt.exe')}`);
    expect(turned.headers.get('content-disposition')).toBe('attachment; filename=evil_txt.exe');
    const broken = await api.call(
      `/artifacts/${id}/files/${encodeURIComponent('a\r\nSet-Cookie: x=日.txt')}`,
    );
    expect(broken.status).toBe(200);
    expect(broken.headers.get('set-cookie')).toBeNull();
    expect(broken.headers.get('content-disposition')).toContain("filename*=UTF-8''a__Set-Cookie");
  });
});

function signal(): AbortSignal {
  return AbortSignal.timeout(5000);
}

async function wholeOf(id: string): Promise<void> {
  const response = await api.call(`/artifacts/${id}/files/a`);
  if (!response.ok) throw new Error(`${response.status}`);
  await response.arrayBuffer();
}

async function fileOf(id: string): Promise<{ blob: string }> {
  return api.store.db
    .selectFrom('artifact_files')
    .select('blob')
    .where('artifact_id', '=', id)
    .executeTakeFirstOrThrow();
}
