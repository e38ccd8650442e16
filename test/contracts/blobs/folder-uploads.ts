import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFsBlobs, type BlobStorage } from '#controller/blobs';
import { never } from './context.ts';
import { SECRET } from './implementation.ts';

const run = promisify(execFile);
const SHAPE = { bytes: 20, partBytes: 10 };

/** What only the store on the local disk has to hold of objects in parts. */
export function describeFolderUploads(): void {
  describe('uploads in fs', () => {
    let folder: string;
    let blobs: BlobStorage;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'footman-blobs-'));
      blobs = await openFsBlobs({ folder, secret: SECRET });
    });

    afterEach(async () => {
      await rm(folder, { recursive: true });
    });

    test('a part that is still being written when its upload is completed gets nowhere', async () => {
      const upload = { key: 'a', id: await blobs.uploads.begin('a', SHAPE, never), ...SHAPE };
      await blobs.uploads.putPart(upload, 1, Buffer.alloc(10, 'a'), never);
      await blobs.uploads.putPart(upload, 2, Buffer.alloc(10, 'b'), never);
      const begun = Promise.withResolvers<void>();
      async function* slow(): AsyncGenerator<Buffer> {
        yield Buffer.alloc(5, 'X');
        // Whoever asks for the third piece has written the first.
        yield Buffer.alloc(4, 'X');
        begun.resolve();
        await new Promise(() => {});
      }
      const late = expect(blobs.uploads.putPart(upload, 2, slow(), never)).rejects.toMatchObject({
        code: 'conflict',
      });
      await begun.promise;
      await expect(blobs.uploads.complete(upload, never)).rejects.toMatchObject({ code: 'request-invalid' });
      await late;
      await blobs.uploads.putPart(upload, 2, Buffer.alloc(10, 'c'), never);
      await blobs.uploads.complete(upload, never);
      expect((await buffer((await blobs.get('a', {}, never)).stream)).toString()).toBe(
        'aaaaaaaaaacccccccccc',
      );
      expect(await readdir(join(folder, 'uploads'))).toEqual([]);
    });

    test('a part that comes again ends the one that stands still', async () => {
      const upload = { key: 'a', id: await blobs.uploads.begin('a', SHAPE, never), ...SHAPE };
      const first = blobs.uploads.putPart(upload, 1, standingStill(), never);
      const ended = expect(first).rejects.toMatchObject({ code: 'conflict' });
      await blobs.uploads.putPart(upload, 1, Buffer.alloc(10, 'a'), never);
      await ended;
      expect(await blobs.uploads.parts(upload, never)).toEqual([1]);
    });

    test('an upload that is completed twice at a time is completed', async () => {
      const upload = { key: 'a', id: await blobs.uploads.begin('a', SHAPE, never), ...SHAPE };
      for (const part of [1, 2]) await blobs.uploads.putPart(upload, part, Buffer.alloc(10, 'a'), never);
      const both = await Promise.all([1, 2].map(() => blobs.uploads.complete(upload, never)));
      expect(both).toEqual([1, 2].map(() => ({ key: 'a', bytes: SHAPE.bytes })));
    });

    test.each(['..', '../../objects', 'x', '/etc'])('%j names no upload', async (id) => {
      const refused = { code: 'request-invalid' };
      await expect(blobs.uploads.abort({ key: 'a', id }, never)).rejects.toMatchObject(refused);
      await expect(blobs.uploads.complete({ key: 'a', id, ...SHAPE }, never)).rejects.toMatchObject(refused);
      const putting = blobs.uploads.putPart({ key: 'a', id, ...SHAPE }, 1, Buffer.alloc(10), never);
      await expect(putting).rejects.toMatchObject(refused);
    });
  });

  // Only root can mount a disk to fill.
  describe.runIf(process.getuid?.() === 0)('fs on a full disk', () => {
    test('says so, and keeps what it had', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'footman-small-'));
      await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
      try {
        const blobs = await openFsBlobs({ folder, secret: SECRET });
        await blobs.put('kept', Buffer.alloc(100_000, 'k'), {}, never);
        const full = { code: 'storage-refused', message: expect.stringContaining('full') as string };
        await expect(blobs.put('large', Buffer.alloc(2_000_000), {}, never)).rejects.toMatchObject(full);
        expect(await blobs.head('kept', never)).toEqual({ key: 'kept', bytes: 100_000 });
        await blobs.put('next', Buffer.alloc(100_000), {}, never);
      } finally {
        await run('umount', ['--lazy', folder]);
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
}

async function* standingStill(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(5, 'X');
  await new Promise(() => {});
}
