import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { never, type Context } from './context.ts';

export function describeObjects(context: Context): void {
  describe('objects', () => {
    test('what was put is got, whole and in parts', async () => {
      expect(await context.put('a/b.txt', '0123456789')).toEqual({ key: 'a/b.txt', bytes: 10 });
      expect(await context.text('a/b.txt')).toBe('0123456789');
      expect(await context.text('a/b.txt', { offset: 3, length: 4 })).toBe('3456');
      expect(await context.text('a/b.txt', { offset: 8, length: 100 })).toBe('89');
      expect(await context.text('a/b.txt', { offset: 9 })).toBe('9');
      const { size, bytes, stream } = await context.blobs.get('a/b.txt', { range: { offset: 4 } }, never);
      stream.destroy();
      expect({ size, bytes }).toEqual({ size: 10, bytes: 6 });
      await expect(context.blobs.get('a/b.txt', { range: { offset: 10 } }, never)).rejects.toMatchObject({
        code: 'request-invalid',
      });
    });

    test('an empty object is an object', async () => {
      await context.put('empty', '');
      expect(await context.blobs.head('empty', never)).toEqual({ key: 'empty', bytes: 0 });
      expect(await context.text('empty')).toBe('');
    });

    test('a missing object is told apart', async () => {
      expect(await context.blobs.head('nothing', never)).toBeUndefined();
      await expect(context.blobs.get('nothing', {}, never)).rejects.toMatchObject({ code: 'not-found' });
    });

    test('a later put replaces an object; who reads the earlier one reads it to its end', async () => {
      await context.put('a', 'first'.repeat(100_000));
      const earlier = await context.blobs.get('a', {}, never);
      await context.put('a', 'second');
      expect(await context.text('a')).toBe('second');
      expect((await buffer(earlier.stream)).toString()).toBe('first'.repeat(100_000));
    });

    test('of puts at the same time one wins, whole', async () => {
      const contents = ['x', 'y', 'z'].map((letter) => letter.repeat(300_000));
      await Promise.all(contents.map((content) => context.put('race', content)));
      expect(contents).toContain(await context.text('race'));
    });

    test('removing is final, and may be repeated', async () => {
      await context.put('a/b', '1');
      await context.blobs.remove('a/b', never);
      await context.blobs.remove('a/b', never);
      expect(await context.blobs.head('a/b', never)).toBeUndefined();
      expect(await context.keys('')).toEqual([]);
    });

    test('a folder that empties while others put into it loses nothing', async () => {
      const churn = Array.from({ length: 100 }, async (_, i) => {
        await context.put(`d/e/f/${i}`, 'x');
        if (i % 2 === 0) await context.blobs.remove(`d/e/f/${i}`, never);
      });
      await Promise.all(churn);
      expect(await context.keys('d/')).toHaveLength(50);
    });

    test('a key may go on where another ends', async () => {
      for (const key of ['a', 'a/b', 'a/b/c', 'a-b', 'a.b']) await context.put(key, key);
      expect(await context.text('a')).toBe('a');
      expect(await context.text('a/b')).toBe('a/b');
      expect(await context.text('a/b/c')).toBe('a/b/c');
      await context.blobs.remove('a/b', never);
      expect(await context.keys('')).toEqual(['a', 'a-b', 'a.b', 'a/b/c']);
    });

    test('lists by any prefix, in the order of keys', async () => {
      for (const key of ['b1/x', 'b10/y', 'b1.z', 'b1/a/deep', 'b1/B', 'c']) await context.put(key, '12');
      expect(await context.keys('b1')).toEqual(['b1.z', 'b1/B', 'b1/a/deep', 'b1/x', 'b10/y']);
      expect(await context.keys('b1/')).toEqual(['b1/B', 'b1/a/deep', 'b1/x']);
      expect(await context.keys('b1/a/de')).toEqual(['b1/a/deep']);
      expect(await context.keys('nothing/here')).toEqual([]);
      expect(await Array.fromAsync(context.blobs.list('c', never))).toEqual([{ key: 'c', bytes: 2 }]);
    });

    test.each([
      '',
      '/',
      '/etc/passwd',
      'a/',
      'a//b',
      '.',
      '..',
      '../x',
      'a/../../x',
      'a/./b',
      'a/..',
      'a\\b',
      'a\0b',
      'a b',
      'a~',
      'ä',
      '%2e%2e/x',
      'a\n',
      'x'.repeat(201),
      `${'x/'.repeat(600)}x`,
    ])('the key %j is refused everywhere', async (key) => {
      const refused = { code: 'request-invalid' };
      await expect(context.put(key, 'x')).rejects.toMatchObject(refused);
      await expect(context.blobs.get(key, {}, never)).rejects.toMatchObject(refused);
      await expect(context.blobs.head(key, never)).rejects.toMatchObject(refused);
      await expect(context.blobs.remove(key, never)).rejects.toMatchObject(refused);
      await expect(context.blobs.presign({ method: 'GET', key, expiresIn: 1000 })).rejects.toMatchObject(
        refused,
      );
    });

    test.each(['/', '../', 'a/../', '..\\', 'a//', '\0'])('the prefix %j is refused', async (prefix) => {
      await expect(context.keys(prefix)).rejects.toMatchObject({ code: 'request-invalid' });
    });
  });
}
