import { describe, expect, test } from 'vitest';
import type { PresignedRequest } from '#shared/protocol';
import { never, type Context } from './context.ts';

const MEGABYTE = 1024 * 1024;

/** What presigned requests must do, whoever answers them. */
export function describePresigned(context: Context): void {
  describe('presigned requests', () => {
    test('an object is put and got over them', async () => {
      expect((await context.send(await context.signedPut('a/b', 5), '12345')).status).toBeOneOf([200, 201]);
      expect(await context.text('a/b')).toBe('12345');
      const response = await context.send(await context.signedGet('a/b'));
      expect(response).toMatchObject({ status: 200, body: '12345', headers: { 'content-length': '5' } });
    });

    test('a put may be repeated', async () => {
      const request = await context.signedPut('a', 3);
      expect((await context.send(request, 'one')).status).toBeOneOf([200, 201]);
      expect((await context.send(request, 'two')).status).toBeOneOf([200, 201]);
      expect(await context.text('a')).toBe('two');
    });

    test('an empty object too', async () => {
      expect((await context.send(await context.signedPut('a', 0), '')).status).toBeOneOf([200, 201]);
      expect(await context.send(await context.signedGet('a'))).toMatchObject({ status: 200, body: '' });
    });

    test.each([
      ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
      ['bytes=7-', 206, '789', 'bytes 7-9/10'],
      ['bytes=7-99', 206, '789', 'bytes 7-9/10'],
      ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ])('Range: %s', async (range, status, body, contentRange) => {
      await context.put('a', '0123456789');
      const response = await context.send(await context.signedGet('a'), '', { range });
      expect(response).toMatchObject({ status, body, headers: { 'content-range': contentRange } });
    });

    test('a range behind the end is 416', async () => {
      await context.put('a', '0123456789');
      expect((await context.send(await context.signedGet('a'), '', { range: 'bytes=10-' })).status).toBe(416);
    });

    test('a download can have a name of its own', async () => {
      await context.put('a', 'x');
      const filename = 'report of März "1".html';
      const request = await context.blobs.presign({ method: 'GET', key: 'a', expiresIn: 60_000, filename });
      const { headers } = await context.send(request);
      expect(headers['content-disposition']).toMatch(/^attachment;/);
      expect(headers['content-disposition']).toContain(
        "filename*=UTF-8''report%20of%20M%C3%A4rz%20%221%22.html",
      );
    });

    test('a missing object is 404', async () => {
      expect((await context.send(await context.signedGet('nothing'))).status).toBe(404);
    });

    test('an expired one is refused', async () => {
      await context.put('a', 'x');
      const get = await context.signedAgo(3_600_000, () => context.signedGet('a', 60_000));
      expect((await context.send(get)).status).toBeOneOf([401, 403]);
      const put = await context.signedAgo(3_600_000, () => context.signedPut('a', 1));
      expect((await context.send(put, 'y')).status).toBeOneOf([401, 403]);
      expect(await context.text('a')).toBe('x');
    });

    test('one to upload takes nothing from other objects, whatever else is asked with it', async () => {
      await context.put('secret', 'password');
      const request = await context.signedPut('copy', 1);
      const { pathname } = new URL(request.url, 'http://controller');
      const path = pathname.replace(/copy$/, 'secret');
      const belowAccount = path.replace(/^\/v1\/[^/]+/, '');
      const asked: Record<string, string>[] = [
        { 'x-amz-copy-source': path },
        { 'x-copy-from': belowAccount },
        { 'x-object-manifest': belowAccount.slice(1) },
        { 'x-symlink-target': belowAccount.slice(1) },
      ];
      for (const headers of asked) {
        await context.send(request, 'x', headers);
        expect(await copied(), Object.keys(headers)[0]).not.toContain('password');
      }
      const list = JSON.stringify([{ path: belowAccount }]);
      await context.send({ ...request, url: `${request.url}&multipart-manifest=put` }, list);
      expect(await copied()).not.toContain('password');

      function copied(): Promise<string> {
        return context.text('copy').catch(() => '');
      }
    });

    test('one for another key, another method, or with changes is refused, and stores nothing', async () => {
      await context.put('a', 'x');
      const get = await context.signedGet('a');
      const upload = await context.signedPut('new', 1);
      const refused: [PresignedRequest, string?][] = [
        [elsewhere(get, '/a?', '/b?')],
        [elsewhere(get, '/a?', '/a/../b?')],
        [{ ...get, method: 'PUT' }, 'y'],
        [{ ...upload, method: 'GET' }],
        [elsewhere(upload, '/new?', '/a?'), 'y'],
        [elsewhere(get, /(X-Amz-Signature=|temp_url_sig=|token=[^.]*\.)../, '$1xx')],
        [elsewhere(get, /(?<name>X-Amz-Expires=|temp_url_expires=|token=)/, '$<name>9')],
        [elsewhere(get, /\?.*/, '')],
      ];
      for (const [request, body] of refused) {
        expect((await context.send(request, body)).status, `${request.method} ${request.url}`).toBeOneOf([
          400, 401, 403,
        ]);
      }
      expect(await context.text('a')).toBe('x');
      expect(await context.keys('')).toEqual(['a']);
    });

    test.each([
      ['shorter', '1234'],
      ['longer', '123456'],
    ])('a body %s than signed is refused, announced or not, by who signs sizes', async (_, body) => {
      const request = await context.signedPut('a', 5);
      const statuses = [
        (await context.send(request, body)).status,
        (await context.sendChunked(request, body)).status,
      ];
      if (!context.refusesOtherSizes) return;
      expect(statuses.every((status) => status >= 400 && status < 500)).toBe(true);
      expect(await context.blobs.head('a', never)).toBeUndefined();
      expect(await context.halfDone()).toEqual([]);
    });
  });

  test('200 MB go through without being held in memory', async () => {
    const piece = Buffer.alloc(MEGABYTE, 'footman');
    const before = process.memoryUsage().rss;
    let highest = before;
    async function* content(): AsyncGenerator<Buffer> {
      for (let i = 0; i < 200; i++) {
        highest = Math.max(highest, process.memoryUsage().rss);
        yield piece;
      }
    }
    const request = await context.signedPut('large', 200 * MEGABYTE);
    const length = { 'content-length': String(200 * MEGABYTE) };
    expect((await context.send(request, content(), length)).status).toBeOneOf([200, 201]);
    let got = 0;
    for await (const piece of (await context.blobs.get('large', {}, never)).stream) {
      got += (piece as Buffer).length;
      highest = Math.max(highest, process.memoryUsage().rss);
    }
    expect(got).toBe(200 * MEGABYTE);
    expect(highest - before).toBeLessThan(100 * MEGABYTE);
  });
}

/** The same signature on another target, at the storage and through the controller. */
function elsewhere(request: PresignedRequest, from: string | RegExp, to: string): PresignedRequest {
  const { url, relay } = request;
  return {
    ...request,
    url: url.replace(from, to),
    ...(relay !== undefined && { relay: relay.replace(from, to) }),
  };
}
