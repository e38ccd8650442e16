import { expect, test } from 'vitest';
import { createSharedCalls } from './shared-calls.ts';

test('those that ask meanwhile share the next reading, and never get one that is older than their question', async () => {
  const readings: PromiseWithResolvers<string>[] = [];
  const read = createSharedCalls(() => {
    const reading = Promise.withResolvers<string>();
    readings.push(reading);
    return reading.promise;
  });
  const first = read();
  await settled();
  const others = [read(), read()];
  await settled();
  expect(readings).toHaveLength(1);
  readings[0]?.resolve('old');
  expect(await first).toBe('old');
  await settled();
  expect(readings).toHaveLength(2);
  readings[1]?.resolve('new');
  expect(await Promise.all(others)).toEqual(['new', 'new']);
});

test('a reading that fails is that of those who asked for it', async () => {
  const results = [Promise.reject(new Error('no /proc')), Promise.resolve('table')];
  const read = createSharedCalls(() => results.shift() ?? Promise.resolve('more'));
  const first = read();
  await expect(first).rejects.toThrow('no /proc');
  expect(await read()).toBe('table');
});

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
