import { describe, expect, test } from 'vitest';
import { never, sha256Of, type Context } from './context.ts';

/** What the controller's own presigned requests do beyond others. */
export function describeRelayed(context: Context): void {
  describe('presigned requests through the controller', () => {
    test.each([
      ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
      ['bytes=10-', 416, '', 'bytes */10'],
      ['bytes=-0', 416, '', 'bytes */10'],
      ['bytes=4-2', 200, '0123456789', undefined],
      ['lines=1-2', 200, '0123456789', undefined],
    ])('Range: %s', async (range, status, body, contentRange) => {
      await context.put('a', '0123456789');
      const answer = await context.send(await context.signedGet('a'), '', { range });
      expect(answer).toMatchObject({ status, body });
      expect(answer.headers['content-range']).toBe(contentRange);
    });

    test('end with their millisecond', async () => {
      const get = await context.signedGet('a', 60_000);
      await context.put('a', 'x');
      context.pass(59_999);
      expect((await context.send(get)).status).toBe(200);
      context.pass(1);
      expect((await context.send(get)).status).toBe(403);
    });

    test('are refused with a token of another making', async () => {
      await context.put('a', 'x');
      const get = await context.signedGet('a');
      const path = get.relay ?? get.url;
      const forged = [
        path.slice(0, -1) + (path.endsWith('A') ? 'Q' : 'A'),
        path.replace('/a?', '/%61?'),
        path.replace(/\.[^.]*$/, '.'),
        path.replace(/token=[^.]*/, `token=${base64url({ alg: 'none', typ: 'JWT' })}`),
      ];
      for (const url of forged) {
        expect((await context.send({ method: 'GET', url, headers: {} })).status, url).toBe(403);
      }
    });

    test('a body of another digest is refused, and the right one is taken after it', async () => {
      const request = await context.signedPut('a', 5, sha256Of('12345'));
      expect((await context.send(request, '54321')).status).toBe(400);
      expect(await context.blobs.head('a', never)).toBeUndefined();
      expect((await context.sendChunked(request, '12345')).status).toBe(200);
      expect(await context.text('a')).toBe('12345');
    });
  });
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
