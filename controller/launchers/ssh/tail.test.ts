import { expect, test } from 'vitest';
import { createTail } from './tail.ts';

test('the end is kept, by whole characters', () => {
  const tail = createTail(4);
  tail.add(Buffer.from('ab'));
  expect(tail.text()).toBe('ab');
  tail.add(Buffer.from('cdé'));
  tail.add(Buffer.from('éf'));
  expect(tail.text()).toBe('éf');
});
