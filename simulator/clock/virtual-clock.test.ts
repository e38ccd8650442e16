import { array, assert, asyncProperty, boolean, nat, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { createVirtualClock } from './index.ts';

test('timers go off at their time, the earlier made first, and those that were called off never', async () => {
  await assert(
    asyncProperty(array(tuple(nat(5), boolean())), async (timers) => {
      const clock = createVirtualClock(1000);
      const fired: number[] = [];
      const offs = timers.map(([ms], index) =>
        clock.after(ms, () => {
          expect(clock.now()).toBe(1000 + ms);
          fired.push(index);
        }),
      );
      for (const [index, [, isOff]] of timers.entries()) if (isOff) offs[index]?.();
      await clock.run(() => false);
      const expected = timers
        .map(([ms, isOff], index) => ({ ms, isOff, index }))
        .filter(({ isOff }) => !isOff)
        .toSorted((a, b) => a.ms - b.ms)
        .map(({ index }) => index);
      expect(fired).toEqual(expected);
    }),
  );
});

test('whatever follows from an instant happens before time goes on', async () => {
  const clock = createVirtualClock(0);
  const times: number[] = [];
  clock.after(1, () => void work());
  clock.after(2, () => times.push(-1));
  await clock.run(() => false);
  expect(times).toEqual([1, -1]);

  async function work(): Promise<void> {
    for (let step = 0; step < 100; step += 1) await Promise.resolve();
    times.push(clock.now());
  }
});

test('a timer of a part of a millisecond is not early', async () => {
  const clock = createVirtualClock(0);
  let at = -1;
  clock.after(0.2, () => {
    at = clock.now();
  });
  await clock.run(() => false);
  expect(at).toBe(1);
});

test('thousands of timers that were called off leave the others as they are', async () => {
  const clock = createVirtualClock(0);
  const fired: number[] = [];
  for (let ms = 1; ms <= 10_000; ms += 1) {
    const off = clock.after(ms, () => fired.push(ms));
    if (ms % 1000 !== 0) off();
  }
  await clock.run(() => false);
  expect(fired).toEqual([1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000]);
});
