import { describe, expect, test } from 'vitest';
import type { PresignedRequest } from '#shared/protocol';
import { never, sha256Of, type Context } from './context.ts';

export function describePresigned(context: Context): void {
  describe('presigned requests', () => {
    test('an object is put and got over them', async () => {
      expect((await context.send(await context.signedPut('a/b', 5), '12345')).status).toBe(200);
      expect(await context.text('a/b')).toBe('12345');
      const response = await context.send(await context.signedGet('a/b'));
      expect(response.status).toBe(200);
      expect(response.headers.get('content-length')).toBe('5');
      expect(await response.text()).toBe('12345');
    });

    test('a put may be repeated', async () => {
      const request = await context.signedPut('a', 3);
      expect((await context.send(request, 'one')).status).toBe(200);
      expect((await context.send(request, 'two')).status).toBe(200);
      expect(await context.text('a')).toBe('two');
    });

    test('an empty object too', async () => {
      expect((await context.send(await context.signedPut('a', 0), '')).status).toBe(200);
      const response = await context.send(await context.signedGet('a'));
      expect({ status: response.status, body: await response.text() }).toEqual({ status: 200, body: '' });
    });

    test.each([
      ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
      ['bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['bytes=7-99', 206, '789', 'bytes 7-9/10'],
      ['bytes=-2', 206, '89', 'bytes 8-9/10'],
      ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
      ['bytes=10-', 416, '', 'bytes */10'],
      ['bytes=-0', 416, '', 'bytes */10'],
      ['bytes=4-2', 200, '0123456789', null],
      ['lines=1-2', 200, '0123456789', null],
    ])('Range: %s', async (range, status, body, contentRange) => {
      await context.put('a', '0123456789');
      const response = await context.send(await context.signedGet('a'), undefined, { range });
      expect(response.status).toBe(status);
      expect(await response.text()).toBe(body);
      expect(response.headers.get('content-range')).toBe(contentRange);
    });

    test('a missing object is 404', async () => {
      expect((await context.send(await context.signedGet('nothing'))).status).toBe(404);
    });

    test('an expired one is refused', async () => {
      const get = await context.signedGet('a', 60_000);
      await context.put('a', 'x');
      context.pass(59_999);
      expect((await context.send(get)).status).toBe(200);
      context.pass(1);
      expect((await context.send(get)).status).toBe(403);
    });

    test('one for another key, another method, or with changes is refused, and stores nothing', async () => {
      await context.put('a', 'x');
      const get = await context.signedGet('a');
      const upload = await context.signedPut('new', 1);
      const refused: [PresignedRequest, string?][] = [
        [{ ...get, url: get.url.replace('/a?', '/b?') }],
        [{ ...get, url: get.url.replace('/a?', '/%61?') }],
        [{ ...get, url: get.url.replace('/a?', '/a/../a/b?') }],
        [{ ...get, method: 'PUT' }, 'y'],
        [{ ...upload, method: 'GET' }],
        [{ ...upload, url: upload.url.replace('/new?', '/a?') }, 'y'],
        [{ ...get, url: get.url.slice(0, -1) + (get.url.endsWith('A') ? 'Q' : 'A') }],
        [{ ...get, url: get.url.replace(/\.[^.]*$/, '.') }],
        [{ ...get, url: get.url.replace(/\?.*/, '') }],
        [{ ...get, url: get.url.replace(/token=[^.]*/, `token=${base64url({ alg: 'none', typ: 'JWT' })}`) }],
      ];
      for (const [request, body] of refused) {
        expect((await context.send(request, body)).status, `${request.method} ${request.url}`).toBe(403);
      }
      expect(await context.text('a')).toBe('x');
      expect(await context.keys('')).toEqual(['a']);
    });

    test.each([
      ['shorter', '1234'],
      ['longer', '123456'],
    ])('a body %s than signed is refused, announced or not', async (_, body) => {
      const request = await context.signedPut('a', 5);
      expect((await context.send(request, body)).status).toBeGreaterThanOrEqual(400);
      expect((await context.sendChunked(request, [Buffer.from(body)])).status).toBeGreaterThanOrEqual(400);
      expect(await context.blobs.head('a', never)).toBeUndefined();
      expect(await context.halfDone()).toEqual([]);
    });

    test('a body of another digest is refused, and the right one is taken after it', async () => {
      const request = await context.signedPut('a', 5, sha256Of('12345'));
      expect((await context.send(request, '54321')).status).toBe(400);
      expect(await context.blobs.head('a', never)).toBeUndefined();
      expect((await context.sendChunked(request, [Buffer.from('12345')])).status).toBe(200);
      expect(await context.text('a')).toBe('12345');
    });
  });

  test('200 MB go through without being held in memory', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'footman');
    const before = process.memoryUsage().rss;
    let highest = before;
    async function* content(): AsyncGenerator<Buffer> {
      for (let i = 0; i < 200; i++) {
        highest = Math.max(highest, process.memoryUsage().rss);
        yield megabyte;
      }
    }
    const request = await context.signedPut('large', 200 * megabyte.length);
    expect((await context.sendChunked(request, content())).status).toBe(200);
    let got = 0;
    for await (const piece of (await context.blobs.get('large', {}, never)).stream) {
      got += (piece as Buffer).length;
      highest = Math.max(highest, process.memoryUsage().rss);
    }
    expect(got).toBe(200 * megabyte.length);
    expect(highest - before).toBeLessThan(100 * megabyte.length);
  });
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
