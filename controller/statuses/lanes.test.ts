import { expect, test } from 'vitest';
import { createLogger } from '#controller/logger';
import { createLanes } from './lanes.ts';

const clock = { now: () => 0, after: () => () => undefined };
const { signal } = new AbortController();

test('what comes while work is about to end is worked off, too', async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const lanes = createLanes({
    clock,
    logger: createLogger('silent'),
    async work() {
      runs += 1;
      if (runs === 1) await gate.promise;
      return null;
    },
    signal,
  });
  lanes.start('shop');
  lanes.start('shop');
  lanes.start('shop');
  gate.resolve();
  await lanes.settled();
  expect(runs).toBe(2);
});
