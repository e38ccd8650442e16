import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFsBlobs } from '#controller/blobs';
import { never } from './context.ts';
import { SECRET } from './implementation.ts';
import { serve } from './serve.ts';

/** What only the store on the local disk has to hold. */
export function describeFolder(): void {
  describe('blobs in fs', () => {
    let folder: string;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'footman-blobs-'));
    });

    afterEach(async () => {
      await rm(folder, { recursive: true });
    });

    test('a process killed in the middle of a put leaves nothing visible, and the next start cleans up', async () => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', PUT_WITHOUT_END, folder], {
        cwd: import.meta.dirname,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await readdir(join(folder, 'incoming'))).toHaveLength(1);

      const reopened = await openFsBlobs({ folder, secret: SECRET });
      expect(await Array.fromAsync(reopened.list('', never))).toEqual([]);
      expect(await reopened.head('a', never)).toBeUndefined();
      expect(await readdir(join(folder, 'incoming'))).toEqual([]);
    });

    test.each([
      ['stands still', () => {}],
      ['breaks off', (upload: ClientRequest) => void upload.destroy()],
    ])('an upload that %s is cut and leaves nothing', async (_, interrupt) => {
      const store = await openFsBlobs({ folder, secret: SECRET, idleTimeout: 50 });
      const server = await serve(store);
      const { url } = await store.presign({ method: 'PUT', key: 'a', expiresIn: 60_000, bytes: 10 });
      const upload = httpRequest(server.endpoint + url, { method: 'PUT', headers: { 'content-length': 10 } });
      const cut = new Promise((resolve) => upload.once('close', resolve));
      upload.on('error', () => {});
      await new Promise((resolve) => upload.write('123', resolve));
      interrupt(upload);
      await cut;
      await server.firstEnded;
      expect(await Array.fromAsync(store.list('', never))).toEqual([]);
      expect(await readdir(join(folder, 'incoming'))).toEqual([]);
      await server.close();
    });

    test.each([
      ['announced as too long', { 'content-length': '1000000' }, 400],
      ['that turns out too long', { 'transfer-encoding': 'chunked' }, 413],
    ])('an upload %s is told so', async (_, headers, status) => {
      const store = await openFsBlobs({ folder, secret: SECRET });
      const server = await serve(store);
      const { url } = await store.presign({ method: 'PUT', key: 'a', expiresIn: 60_000, bytes: 10 });
      const upload = httpRequest(server.endpoint + url, { method: 'PUT', headers });
      upload.end(Buffer.alloc(1_000_000));
      const [response] = (await once(upload, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(status);
      expect(await json(response)).toMatchObject({ error: { message: expect.stringContaining('10 bytes') } });
      await server.close();
    });

    test('a refused upload without end is cut', async () => {
      const store = await openFsBlobs({ folder, secret: SECRET });
      const server = await serve(store);
      const upload = httpRequest(`${server.endpoint}/agent/v1/blobs/a`, { method: 'PUT' });
      upload.on('error', () => {});
      const closed = new Promise((resolve) => upload.once('close', resolve));
      const send = (error?: Error | null): void => {
        if (!error) upload.write(Buffer.alloc(100_000), send);
      };
      send();
      await closed;
      await server.firstEnded;
      await server.close();
    });

    test('folders that removals leave empty go, and come again for who puts at the same time', async () => {
      const store = await openFsBlobs({ folder, secret: SECRET });
      const churn = Array.from({ length: 300 }, async (_, i) => {
        await store.put(`d/e/${i}`, Buffer.from('x'), {}, never);
        await store.remove(`d/e/${i}`, never);
      });
      await Promise.all(churn);
      expect(await readdir(join(folder, 'objects'))).toEqual([]);
    });

    test("other people's files in its folder are not objects", async () => {
      const store = await openFsBlobs({ folder, secret: SECRET });
      await writeFile(join(folder, 'objects', 'lost'), 'x');
      expect(await Array.fromAsync(store.list('', never))).toEqual([]);
      expect(await store.head('lost', never)).toBeUndefined();
    });
  });
}

/** Says so once the first piece is being stored, and never ends. */
const PUT_WITHOUT_END = `
  import { openFsBlobs } from '#controller/blobs';
  const blobs = await openFsBlobs({ folder: process.argv[1], secret: 'another secret' });
  async function* content() {
    yield Buffer.alloc(1_000_000);
    console.log('half-way');
    await new Promise(() => setInterval(() => {}, 1000));
  }
  await blobs.put('a', content(), {}, new AbortController().signal);
`;
