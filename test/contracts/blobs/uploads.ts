import { describe, expect, test } from 'vitest';
import { buffer } from 'node:stream/consumers';
import type { Upload } from '#controller/blobs';
import { never, type Context } from './context.ts';

/** An upload of three parts, the last of which is the smallest, and what is in them. */
export interface Started {
  upload: Upload;
  content: Buffer;
  part(number: number): Buffer;
}

export async function startUpload(context: Context, key = 'large', seed = 1): Promise<Started> {
  const partBytes = Math.max(context.blobs.limits.leastPartBytes, 1000);
  const content = Buffer.alloc(2 * partBytes + 10);
  for (let i = 0; i < content.length; i++) content[i] = (i * 31 + (i >> 10) * 7 + seed) & 0xff;
  const shape = { bytes: content.length, partBytes };
  const id = await context.blobs.uploads.begin(key, shape, never);
  const part = (number: number) => content.subarray((number - 1) * partBytes, number * partBytes);
  return { upload: { key, id, ...shape }, content, part };
}

export function describeUploads(context: Context): void {
  describe('uploads in parts', () => {
    test('parts that come in any order, and at the same time, make an object', async () => {
      const { upload, content, part } = await startUpload(context);
      const { uploads } = context.blobs;
      await Promise.all([3, 1, 2].map((number) => uploads.putPart(upload, number, part(number), never)));
      expect(await uploads.parts(upload, never)).toEqual([1, 2, 3]);
      expect(await context.blobs.head('large', never)).toBeUndefined();
      expect(await context.keys('')).toEqual([]);

      expect(await uploads.complete(upload, never)).toEqual({ key: 'large', bytes: content.length });
      const { stream, size } = await context.blobs.get('large', {}, never);
      expect(size).toBe(content.length);
      expect(content.equals(await buffer(stream))).toBe(true);
      expect(await Array.fromAsync(context.blobs.list('', never))).toEqual([
        { key: 'large', bytes: content.length },
      ]);
    });

    test('a part of such an object is read over the borders of its parts', async () => {
      const { upload, content, part } = await startUpload(context);
      for (const number of [1, 2, 3])
        await context.blobs.uploads.putPart(upload, number, part(number), never);
      await context.blobs.uploads.complete(upload, never);
      const { partBytes } = upload;
      for (const [offset, length] of [
        [partBytes - 5, 10],
        [partBytes - 1, partBytes + 2],
        [2 * partBytes, 100],
      ] as const) {
        const { stream } = await context.blobs.get('large', { range: { offset, length } }, never);
        expect(content.subarray(offset, offset + length).equals(await buffer(stream))).toBe(true);
      }
    });

    test('agents put parts by presigned requests', async () => {
      const { upload, content, part } = await startUpload(context, 'a/b');
      for (const number of [2, 3, 1]) {
        const request = await context.blobs.presign({
          method: 'PUT',
          upload,
          part: number,
          expiresIn: 60_000,
        });
        expect((await context.send(request, part(number))).status).toBeOneOf([200, 201]);
      }
      await context.blobs.uploads.complete(upload, never);
      const { stream } = await context.blobs.get('a/b', {}, never);
      expect(content.equals(await buffer(stream))).toBe(true);
    });

    test('a part of another size than its own is no part', async () => {
      const { upload, part } = await startUpload(context);
      const { uploads } = context.blobs;
      await uploads.putPart(upload, 1, part(1), never);
      await uploads.putPart(upload, 3, part(3), never);
      const request = await context.blobs.presign({ method: 'PUT', upload, part: 2, expiresIn: 60_000 });
      const { status } = await context.send(request, part(2).subarray(1));
      if (context.refusesOtherSizes) expect(status).toBeGreaterThanOrEqual(400);
      expect(await uploads.parts(upload, never)).toEqual([1, 3]);
      await expect(uploads.complete(upload, never)).rejects.toMatchObject({ code: 'request-invalid' });
      expect(await context.blobs.head('large', never)).toBeUndefined();
      await expect(uploads.putPart(upload, 2, part(2).subarray(1), never)).rejects.toMatchObject({
        code: 'request-invalid',
      });
      await expect(uploads.putPart(upload, 3, part(2), never)).rejects.toMatchObject({ code: 'too-large' });

      await uploads.putPart(upload, 2, part(2), never);
      await uploads.complete(upload, never);
      expect(await context.blobs.head('large', never)).toMatchObject({ bytes: upload.bytes });
    });

    test('a part that breaks off is none, and is put again', async () => {
      const { upload, part } = await startUpload(context);
      const { uploads } = context.blobs;
      async function* breakingOff(): AsyncGenerator<Buffer> {
        yield part(1).subarray(0, 100);
        throw new Error('broke off');
      }
      await expect(uploads.putPart(upload, 1, breakingOff(), never)).rejects.toThrow('broke off');
      expect(await uploads.parts(upload, never)).toEqual([]);
      async function* whole(): AsyncGenerator<Buffer> {
        yield part(1).subarray(0, 100);
        yield part(1).subarray(100);
      }
      await uploads.putPart(upload, 1, whole(), never);
      expect(await uploads.parts(upload, never)).toEqual([1]);
    });

    test('a part takes the place of the one before', async () => {
      const { upload, content, part } = await startUpload(context);
      const { uploads } = context.blobs;
      await uploads.putPart(upload, 1, Buffer.alloc(upload.partBytes), never);
      for (const number of [1, 2, 3]) await uploads.putPart(upload, number, part(number), never);
      await uploads.complete(upload, never);
      expect(content.equals(await buffer((await context.blobs.get('large', {}, never)).stream))).toBe(true);
    });

    test.each([
      [0, 'no part 0'],
      [4, 'no part 4'],
      [1.5, 'no part 1.5'],
    ])('there is no part %d of three', async (number, message) => {
      const { upload } = await startUpload(context);
      const refused = { code: 'request-invalid', message: expect.stringContaining(message) as string };
      const putting = context.blobs.uploads.putPart(upload, number, Buffer.from('x'), never);
      await expect(putting).rejects.toMatchObject(refused);
      const signing = context.blobs.presign({ method: 'PUT', upload, part: number, expiresIn: 1000 });
      await expect(signing).rejects.toMatchObject(refused);
    });

    test('an upload that the storage could not take is not begun', async () => {
      const { parts, leastPartBytes } = context.blobs.limits;
      for (const shape of [
        { bytes: 0, partBytes: leastPartBytes },
        { bytes: 10, partBytes: leastPartBytes - 1 },
        { bytes: (parts + 1) * leastPartBytes, partBytes: leastPartBytes },
      ]) {
        const begun = context.blobs.uploads.begin('a', shape, never);
        await expect(begun).rejects.toMatchObject({ code: 'request-invalid' });
      }
    });
  });
}
