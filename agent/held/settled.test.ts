import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settled } from './settled.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An output that somebody holds, of which as much was read as the test says. */
function output() {
  return Object.assign(new PassThrough(), { bytesRead: 0 });
}

/** Whether it has settled after so many milliseconds more. */
function watch(settling: Promise<void>) {
  let isOver = false;
  void settling.then(() => (isOver = true));
  return async (milliseconds: number) => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    return isOver;
  };
}

test('ends with the outputs', async () => {
  const [one, other] = [output(), output()];
  const isOverAfter = watch(settled([one, other], () => false));
  one.destroy();
  expect(await isOverAfter(1)).toBe(false);
  other.destroy();
  expect(await isOverAfter(1)).toBe(true);
});

test('gives up an output that says nothing, unless nobody could read it', async () => {
  let isHeldUp = true;
  const isOverAfter = watch(settled([output()], () => isHeldUp));
  expect(await isOverAfter(60_000)).toBe(false);
  isHeldUp = false;
  expect(await isOverAfter(2_000)).toBe(true);
});

test('waits for what comes slowly, but not for a process that never stops', async () => {
  const one = output();
  const isOverAfter = watch(settled([one], () => false));
  for (let read = 1; read <= 10; read++) {
    one.bytesRead = read;
    expect(await isOverAfter(2_000)).toBe(false);
  }
  one.bytesRead = 5 * 1024 * 1024;
  expect(await isOverAfter(2_000)).toBe(true);
});
