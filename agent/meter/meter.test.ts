import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMeter } from './meter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('tells what changes, and trouble for as long as it lasts: whoever hears nothing takes it for standing still', () => {
  const told: unknown[] = [];
  let trouble: string | undefined;
  const meter = createMeter(
    (progress) => void told.push(progress),
    () => trouble,
  );
  meter.moved(5);
  vi.advanceTimersByTime(3_000);
  expect(told.splice(0)).toEqual([{ files: 0, bytes: 5 }]);
  trouble = 'the storage answered 503';
  vi.advanceTimersByTime(3_000);
  expect(told.splice(0)).toEqual(Array.from({ length: 3 }, () => ({ files: 0, bytes: 5, trouble })));
  trouble = undefined;
  meter.done(1);
  vi.advanceTimersByTime(3_000);
  expect(told.splice(0)).toEqual([{ files: 1, bytes: 5 }]);
  meter.stop();
  meter.done(1);
  vi.advanceTimersByTime(3_000);
  expect(told).toEqual([]);
});
