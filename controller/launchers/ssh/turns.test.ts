import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

const never = new AbortController().signal;

test('work of one name is done one after the other, also after a failure; that of another name does not wait', async () => {
  const turns = createTurns();
  const done: string[] = [];
  const first = Promise.withResolvers<void>();
  const failing = turns.take('a', never, () => first.promise);
  const second = turns.take('a', never, async () => void done.push('second'));
  await turns.take('b', never, async () => void done.push('other'));
  expect(done).toEqual(['other']);
  first.reject(new Error('no'));
  await expect(failing).rejects.toThrow('no');
  await second;
  expect(done).toEqual(['other', 'second']);
});

test('one that gives up waiting does nothing, and those behind it still wait for those before it', async () => {
  const turns = createTurns();
  const abort = new AbortController();
  const done: string[] = [];
  const first = Promise.withResolvers<void>();
  void turns.take('a', never, () => first.promise);
  const impatient = turns.take('a', abort.signal, async () => void done.push('impatient'));
  const last = turns.take('a', never, async () => void done.push('last'));
  abort.abort(new Error('enough'));
  await expect(impatient).rejects.toThrow('enough');
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([]);
  first.resolve();
  await last;
  expect(done).toEqual(['last']);
});
