import { expect, test } from 'vitest';
import { abortable } from '#shared/abortable';
import { within } from './within.ts';

test('a storage that never answers is one that is away', async () => {
  const silence = new Promise<never>(() => undefined);
  await expect(within(1, (signal) => abortable(silence, signal))).rejects.toMatchObject({
    code: 'storage-unavailable',
  });
});

test('what it answers, or says no to, is told as it is', async () => {
  expect(await within(60_000, async () => 'token')).toBe('token');
  const no = new Error('no');
  await expect(within(60_000, () => Promise.reject(no))).rejects.toBe(no);
});
