import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { newId } from './ids.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('an id is 16 characters of base32, and no two are the same', () => {
  const ids = Array.from({ length: 10_000 }, newId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{16}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  ['a millisecond', 1],
  ['a day', 86_400_000],
  ['ten years', 315_576_000_000],
])('ids sort by the time of their making, %s apart', (_, apart) => {
  vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') });
  const earlier = newId();
  vi.setSystemTime(Date.now() + apart);
  expect(newId() > earlier).toBe(true);
});

test('ids that somebody makes one after another sort as they were made, in one millisecond too', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 200; i++) {
    ids.push(newId());
    await setImmediate();
  }
  expect(ids.toSorted()).toEqual(ids);
});
