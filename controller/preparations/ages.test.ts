import { describe, expect, test } from 'vitest';
import { current, openPreparations, pipeline, preparationOf, prepared } from './test-support.ts';

const DAY = 24 * 3_600_000;

describe('an image that grows old', () => {
  const PREPARE = 'ttl: 1d, max-stale: 2d, steps: [{ run: install }]';

  test('still serves while it is made anew, once', async () => {
    await using place = await openPreparations();
    await prepared(place, PREPARE);
    place.pass(DAY);
    for (let count = 0; count < 3; count++) {
      const build = await place.submit(pipeline(PREPARE));
      await place.prepare();
      expect(await preparationOf(place, build)).toMatchObject({ state: 'prepared' });
    }
    const [old, fresh] = [await place.preparation(0), await place.preparation(1)];
    expect(await place.preparations()).toHaveLength(2);
    const before = await current(place, old);
    await place.finishPreparation(fresh);
    const build = await place.submit(pipeline(PREPARE));
    await place.prepare();
    expect((await place.job(build, 'a')).images).toEqual({ 'one/host': await current(place, fresh) });
    expect(await current(place, fresh)).not.toBe(before);
    expect(await place.preparations()).toHaveLength(2);
  });

  test('is not made anew by each job when that has just failed', async () => {
    await using place = await openPreparations();
    await prepared(place, PREPARE);
    place.pass(DAY);
    await place.submit(pipeline(PREPARE));
    await place.prepare();
    const failing = await place.preparation(1);
    await place.finishPreparation(failing, 'failure');
    const build = await place.submit(pipeline(PREPARE));
    await place.prepare();
    expect(await preparationOf(place, build)).toMatchObject({ state: 'prepared' });
    expect(await place.preparations()).toHaveLength(2);
    place.pass(3_600_000);
    await place.submit(pipeline(PREPARE));
    await place.prepare();
    expect(await place.preparations()).toHaveLength(3);
  });

  test('serves nobody when it is too old', async () => {
    await using place = await openPreparations();
    await prepared(place, PREPARE);
    place.pass(3 * DAY);
    const build = await place.submit(pipeline(PREPARE));
    await place.prepare();
    expect(await place.states(build)).toEqual({ a: 'blocked' });
    expect(await place.preparations()).toHaveLength(2);
  });
});
