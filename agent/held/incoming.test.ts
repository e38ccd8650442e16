import { expect, test } from 'vitest';
import { CHANNEL_WINDOW_BYTES } from '#shared/protocol';
import { createIncoming } from './incoming.ts';

/** A use that takes what it is told to take. */
function open() {
  const taken: (number | null)[] = [];
  const credits: number[] = [];
  const incoming = createIncoming({
    push: (bytes) => void taken.push(bytes?.length ?? null),
    credit: (bytes) => void credits.push(bytes),
  });
  return { incoming, taken, credits };
}

test('comes in its order, one piece for each time that it is wanted, and then the end', () => {
  const { incoming, taken } = open();
  incoming.wanted();
  for (const length of [1, 2, 3]) incoming.receive(Buffer.alloc(length));
  incoming.end();
  expect(taken).toEqual([1]);
  for (let times = 0; times < 3; times++) incoming.wanted();
  expect(taken).toEqual([1, 2, 3, null]);
});

test('is credited when it is taken, not when it comes', () => {
  const { incoming, credits } = open();
  const quarter = Buffer.alloc(CHANNEL_WINDOW_BYTES / 4);
  for (let times = 0; times < 4; times++) incoming.receive(quarter);
  expect(credits).toEqual([]);
  expect(() => incoming.receive(Buffer.alloc(1))).toThrow('credited');
  incoming.wanted();
  expect(credits).toEqual([quarter.length]);
});

test('may come without end as long as it is taken, in pieces of any size', () => {
  const { incoming, taken } = open();
  for (let sent = 0; sent < 5 * CHANNEL_WINDOW_BYTES; sent += 10_007) {
    incoming.receive(Buffer.alloc(10_007));
    incoming.wanted();
  }
  expect(taken.length).toBeGreaterThan(500);
});

test('may not come after the end', () => {
  const { incoming } = open();
  incoming.end();
  expect(() => incoming.receive(Buffer.alloc(1))).toThrow('after the end');
});
