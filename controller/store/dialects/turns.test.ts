import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('work that only awaits statements lets timers fire', async () => {
  const takeTurn = createTurns();
  const timer = { fired: false };
  setTimeout(() => (timer.fired = true), 1);
  for (let i = 0; i < 10_000_000 && !timer.fired; i++) await takeTurn();
  expect(timer.fired).toBe(true);
});
