import { describe, expect, test } from 'vitest';
import { buffer } from 'node:stream/consumers';
import { never, type Context } from './context.ts';
import { startUpload, type Started } from './uploads.ts';

export function describeUploadEnds(context: Context): void {
  async function putAll({ upload, part }: Started): Promise<void> {
    for (const number of [1, 2, 3]) await context.blobs.uploads.putPart(upload, number, part(number), never);
  }

  async function openUploads(prefix = ''): Promise<string[]> {
    return (await Array.fromAsync(context.blobs.uploads.list(prefix, never))).map(({ key }) => key).sort();
  }

  describe('the end of uploads', () => {
    test('another controller goes on with what one began', async () => {
      const started = await startUpload(context);
      await context.blobs.uploads.putPart(started.upload, 1, started.part(1), never);
      const { uploads } = await context.again();
      expect(await uploads.parts(started.upload, never)).toEqual([1]);
      for (const number of [2, 3]) await uploads.putPart(started.upload, number, started.part(number), never);
      await uploads.complete(started.upload, never);
      expect(await context.blobs.head('large', never)).toMatchObject({ bytes: started.content.length });
    });

    test('completing is final, and may be repeated', async () => {
      const started = await startUpload(context);
      await putAll(started);
      const { uploads } = context.blobs;
      const done = { key: 'large', bytes: started.content.length };
      expect(await uploads.complete(started.upload, never)).toEqual(done);
      expect(await uploads.complete(started.upload, never)).toEqual(done);
      await uploads.abort(started.upload, never);
      expect(await context.blobs.head('large', never)).toEqual(done);
      expect(await openUploads()).toEqual([]);
      // Swift takes a late part of an upload by S3, where S3 itself refuses it.
      const late = await uploads
        .putPart(started.upload, 1, started.part(1), never)
        .catch((error: unknown) => error);
      if (late !== undefined) expect(late).toMatchObject({ code: 'not-found' });
      const { stream } = await context.blobs.get('large', {}, never);
      expect(started.content.equals(await buffer(stream))).toBe(true);
    });

    test('an upload that is given up leaves nothing', async () => {
      const started = await startUpload(context);
      const { uploads } = context.blobs;
      await uploads.putPart(started.upload, 1, started.part(1), never);
      await uploads.abort(started.upload, never);
      await uploads.abort(started.upload, never);
      expect(await openUploads()).toEqual([]);
      expect(await context.keys('')).toEqual([]);
      const gone = { code: 'not-found' };
      await expect(uploads.putPart(started.upload, 2, started.part(2), never)).rejects.toMatchObject(gone);
      await expect(uploads.complete(started.upload, never)).rejects.toMatchObject(gone);
    });

    test('uploads under way are told, with the time of their beginning', async () => {
      const before = Date.now();
      for (let i = 0; i < 12; i++) await startUpload(context, `b/${String(i).padStart(2, '0')}`);
      const { upload } = await startUpload(context, 'c');
      expect(await openUploads('b/')).toHaveLength(12);
      expect(await openUploads('b/0')).toHaveLength(10);
      const [open] = await Array.fromAsync(context.blobs.uploads.list('c', never));
      expect(open).toMatchObject({ key: 'c', id: upload.id });
      // Some storages round it.
      expect(open?.startedAt).toBeGreaterThanOrEqual(before - 2000);
      expect(open?.startedAt).toBeLessThanOrEqual(Date.now() + 2000);
    });

    test('an object that came in parts is replaced by one that did not, and the other way round', async () => {
      await context.put('large', 'small');
      const started = await startUpload(context);
      await putAll(started);
      expect(await context.text('large')).toBe('small');
      await context.blobs.uploads.complete(started.upload, never);
      const again = await startUpload(context, 'large', 2);
      await putAll(again);
      await context.blobs.uploads.complete(again.upload, never);
      const { stream } = await context.blobs.get('large', {}, never);
      expect(again.content.equals(await buffer(stream))).toBe(true);
      await context.put('large', 'small again');
      expect(await context.text('large')).toBe('small again');
      expect(await openUploads()).toEqual([]);
    });

    test('two uploads of a key know nothing of each other', async () => {
      const [one, two] = [await startUpload(context, 'k', 1), await startUpload(context, 'k', 2)];
      await putAll(one);
      await putAll(two);
      await context.blobs.uploads.abort(one.upload, never);
      await context.blobs.uploads.complete(two.upload, never);
      const { stream } = await context.blobs.get('k', {}, never);
      expect(two.content.equals(await buffer(stream))).toBe(true);
    });

    test('removing an object that came in parts removes all of it', async () => {
      const started = await startUpload(context);
      await putAll(started);
      await context.blobs.uploads.complete(started.upload, never);
      await context.blobs.remove('large', never);
      expect(await context.blobs.head('large', never)).toBeUndefined();
      expect(await context.keys('')).toEqual([]);
      expect(await openUploads()).toEqual([]);
    });
  });
}
