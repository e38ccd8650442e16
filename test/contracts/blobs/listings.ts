import { expect, test } from 'vitest';
import { never, type Context } from './context.ts';

export function describeListings(context: Context): void {
  test('a listing of many pages tells every object once, in order', async () => {
    const keys = Array.from({ length: 25 }, (_, i) => `many/${String(i).padStart(2, '0')}`);
    await Promise.all([...keys, 'another', 'zebra'].map((key) => context.put(key, key)));
    expect(await context.keys('many/')).toEqual(keys);
    expect(await context.keys('')).toEqual(['another', ...keys, 'zebra']);
  });

  test('a storage that is well says so, and keeps nothing of that', async () => {
    await context.blobs.probe(never);
    expect(await context.keys('')).toEqual([]);
  });
}
