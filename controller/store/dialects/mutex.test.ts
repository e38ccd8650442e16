import { describe, expect, test } from 'vitest';
import { createMutex, type Mutex } from './mutex.ts';

describe('mutex', () => {
  test('lets in one at a time, in the order of asking', async () => {
    const mutex = createMutex();
    const order: string[] = [];
    await Promise.all(['a', 'b', 'c'].map((name) => hold(mutex, name, order)));
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  test('is free again after the last', async () => {
    const mutex = createMutex();
    await hold(mutex, 'a', []);
    await expect(acquire(mutex)).resolves.toBeUndefined();
  });

  test('one that has waited too long gives up its place', async () => {
    const mutex = createMutex();
    await acquire(mutex);
    const impatient = mutex.acquire(1, () => new Error('too long'));
    const patient = acquire(mutex);
    await expect(impatient).rejects.toThrow('too long');
    mutex.release();
    await expect(patient).resolves.toBeUndefined();
  });
});

function acquire(mutex: Mutex): Promise<void> {
  return mutex.acquire(60_000, () => new Error('never'));
}

async function hold(mutex: Mutex, name: string, order: string[]): Promise<void> {
  await acquire(mutex);
  order.push(`${name} in`);
  await new Promise((resolve) => setImmediate(resolve));
  order.push(`${name} out`);
  mutex.release();
}
