import { expect, test } from 'vitest';
import { createFleet } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { createImageKeeper } from './image-keeper.ts';
import { cloudOf, MINUTE_MS, templateOf } from './test-support.ts';

const { signal } = new AbortController();

test('the current image is asked for once a minute, of templates with a pool; a failure changes nothing', async () => {
  const pooled = templateOf({ settings: { image: 'tag' }, pool: { minReady: 1 } });
  const cold = templateOf({ name: 'cold' });
  const asked: unknown[] = [];
  const cloudSays: { image: string | null | Error } = { image: 'image-1' };
  const fleet = createFleet([
    cloudOf([pooled, cold], {
      async currentImage(settings) {
        asked.push(settings);
        if (cloudSays.image instanceof Error) throw cloudSays.image;
        return cloudSays.image;
      },
    }),
  ]);
  const clock = { time: 0, now: () => clock.time, after: () => () => undefined };
  const keeper = createImageKeeper({ fleet, clock, logger: createLogger('silent') });
  expect(keeper.imageOf(pooled)).toBeNull();

  expect(await keeper.run(signal)).toBe(MINUTE_MS);
  expect(keeper.imageOf(pooled)).toBe('image-1');
  expect(keeper.imageOf(cold)).toBeNull();
  expect(await keeper.run(signal)).toBe(MINUTE_MS);
  expect(asked).toEqual([{ image: 'tag' }]);

  cloudSays.image = new Error('no answer');
  clock.time = MINUTE_MS;
  expect(await keeper.run(signal)).toBe(2 * MINUTE_MS);
  expect(asked).toHaveLength(2);
  expect(keeper.imageOf(pooled)).toBe('image-1');
  // What was said of other settings says nothing of these.
  expect(keeper.imageOf(templateOf({ digest: 'digest-2' }))).toBeNull();

  cloudSays.image = null;
  clock.time = 2 * MINUTE_MS;
  await keeper.run(signal);
  expect(keeper.imageOf(pooled)).toBeNull();
});

test('clouds without images are not asked, and nobody waits', async () => {
  const fleet = createFleet([cloudOf([templateOf({ pool: { minReady: 1 } })])]);
  const clock = { now: () => 0, after: () => () => undefined };
  const keeper = createImageKeeper({ fleet, clock, logger: createLogger('silent') });
  await keeper.run(signal);
  expect(keeper.imageOf(templateOf())).toBeNull();
});
