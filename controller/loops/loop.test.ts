import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createLogger } from '#controller/logger';
import { createHandClock } from '../clock/test-support.ts';
import { startLoop, type Loop } from './index.ts';

const clock = createHandClock();
let loop: Loop | undefined;

afterEach(() => loop?.stop());

test('a wake-up runs it at once, and those while it runs make it run once more', async () => {
  const runs = start(0);
  await setImmediate();
  expect(runs()).toBe(1);
  loop?.wake();
  loop?.wake();
  await setImmediate();
  expect(runs()).toBe(2);
});

test('after a run that took long it rests as long before the next, however often it is woken; a stop ends the rest', async () => {
  const runs = start(40);
  await setImmediate();
  loop?.wake();
  await setImmediate();
  clock.pass(39);
  await setImmediate();
  expect(runs()).toBe(1);
  clock.pass(1);
  await setImmediate();
  expect(runs()).toBe(2);
  await loop?.stop();
  expect(runs()).toBe(2);
});

/** A loop whose runs take so many milliseconds; tells how many there were. */
function start(tookMs: number): () => number {
  let runs = 0;
  loop = startLoop({
    name: 'test',
    clock,
    logger: createLogger('silent'),
    async run() {
      runs += 1;
      clock.pass(tookMs);
      return null;
    },
  });
  return () => runs;
}
