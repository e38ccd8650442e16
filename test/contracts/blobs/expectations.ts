import { describe, expect, test } from 'vitest';
import { never, sha256Of, type Context } from './context.ts';

export function describeExpectations(context: Context): void {
  describe('what is not as expected', () => {
    test.each([
      ['too short', { bytes: 6 }, 'request-invalid'],
      ['too long', { bytes: 4 }, 'too-large'],
      ['of another digest', { sha256: sha256Of('other') }, 'request-invalid'],
    ])('an object %s is not stored, and the one before stays', async (_, expected, code) => {
      await context.put('a', 'before');
      await expect(context.blobs.put('a', Buffer.from('12345'), expected, never)).rejects.toMatchObject({
        code,
      });
      expect(await context.text('a')).toBe('before');
      expect(await context.halfDone()).toEqual([]);
    });

    test('an object that is as expected is stored', async () => {
      await context.blobs.put('a', Buffer.from('12345'), { bytes: 5, sha256: sha256Of('12345') }, never);
      expect(await context.text('a')).toBe('12345');
    });

    test('content that breaks off is not stored', async () => {
      await expect(context.blobs.put('a', breakingOff(), {}, never)).rejects.toThrow('broke off');
      expect(await context.blobs.head('a', never)).toBeUndefined();
      expect(await context.halfDone()).toEqual([]);
    });

    test('a put of content that stands still can be aborted', async () => {
      const abort = new AbortController();
      const content = standingStill(() => abort.abort(new Error('enough')));
      await expect(context.blobs.put('a', content, {}, abort.signal)).rejects.toThrow('enough');
      expect(await context.blobs.head('a', never)).toBeUndefined();
      expect(await context.halfDone()).toEqual([]);
    });
  });
}

async function* breakingOff(): AsyncGenerator<Buffer> {
  yield Buffer.from('start');
  throw new Error('broke off');
}

async function* standingStill(begun: () => void): AsyncGenerator<Buffer> {
  yield Buffer.from('start');
  begun();
  await new Promise(() => {});
}
