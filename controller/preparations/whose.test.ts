import { describe, expect, test } from 'vitest';
import { openPreparations, pipeline, preparationOf, prepared, pullRequest } from './test-support.ts';

describe('an image serves', () => {
  test('only jobs of the same project, or the same pipeline', async () => {
    await using place = await openPreparations();
    await prepared(place);
    const other = await place.submit(pipeline().replace('name: ceph', 'name: other'));
    await place.prepare();
    expect(await place.states(other)).toEqual({ a: 'blocked' });
    expect(await place.preparations()).toHaveLength(2);
  });

  test('forks, which make none themselves', async () => {
    await using place = await openPreparations();
    const fork = { trust: 'fork' as const, trigger: pullRequest(7) };
    const early = await place.submit(pipeline(), fork);
    await place.prepare();
    expect(await preparationOf(place, early)).toMatchObject({
      state: 'uncached',
      reason: 'there is no prepared image for it, and builds from forks make none',
    });
    expect(await place.preparations()).toEqual([]);
    await prepared(place);
    const late = await place.submit(pipeline(), fork);
    await place.prepare();
    expect(await preparationOf(place, late)).toMatchObject({ state: 'prepared' });
  });

  test('its own pull request alone when that had it made', async () => {
    await using place = await openPreparations();
    const own = await place.submit(pipeline(), { trigger: pullRequest(7) });
    await place.prepare();
    await place.finishPreparation(await place.preparation(0));
    await place.prepare();
    expect(await place.states(own)).toEqual({ a: 'queued' });
    const other = await place.submit(pipeline(), { trigger: pullRequest(8) });
    const branch = await place.submit(pipeline());
    await place.prepare();
    expect([await place.states(other), await place.states(branch)]).toEqual([
      { a: 'blocked' },
      { a: 'blocked' },
    ]);
  });

  test('only jobs with the same pipeline variables', async () => {
    await using place = await openPreparations();
    await prepared(place);
    await place.submit(pipeline().replace('LANG: C', 'LANG: D'));
    await place.prepare();
    expect(await place.preparations()).toHaveLength(2);
  });

  test('only while its template is made from the same', async () => {
    await using place = await openPreparations();
    place.bases.set('one', 'sha256:base');
    await prepared(place);
    place.bases.set('one', 'sha256:other');
    await place.submit(pipeline());
    await place.prepare();
    expect(await place.preparations()).toHaveLength(2);
  });

  test('on, when its cloud can tell at last what it was made from', async () => {
    await using place = await openPreparations();
    await prepared(place);
    place.bases.set('one', 'sha256:base');
    const build = await place.submit(pipeline());
    await place.prepare();
    expect(await preparationOf(place, build)).toMatchObject({ state: 'prepared' });
    place.bases.set('one', 'sha256:other');
    await place.submit(pipeline());
    await place.prepare();
    expect(await place.preparations()).toHaveLength(2);
  });
});

test('of several templates, the best gets the image, and each that has one may serve', async () => {
  await using place = await openPreparations([
    { cloud: 'one' },
    { cloud: 'two', weight: 200 },
    { cloud: 'bare', weight: 300 },
  ]);
  const build = await place.submit(pipeline());
  await place.prepare();
  const preparation = await place.preparation(0);
  expect((await place.job(preparation, 'prepare')).images).toEqual({ 'two/host': null });
  await place.finishPreparation(preparation);
  await place.prepare();
  expect(Object.keys((await place.job(build, 'a')).images ?? {})).toEqual(['two/host']);
});

test('nodes of a stream are prepared from its current version, and anew when there is another one', async () => {
  await using place = await openPreparations([{ stream: 'ubuntu' }]);
  const early = await place.submit(pipeline());
  await place.prepare();
  expect(await preparationOf(place, early)).toMatchObject({ state: 'uncached' });
  for (const count of [1, 2]) {
    const version = await place.promote('ubuntu');
    await place.submit(pipeline());
    await place.prepare();
    expect(await place.preparations()).toHaveLength(count);
    const preparation = await place.preparation(count - 1);
    expect((await place.job(preparation, 'prepare')).images).toEqual({ 'one/host': version });
    await place.finishPreparation(preparation);
    await place.prepare();
  }
});

test('a job whose clouds make no images runs without one', async () => {
  await using place = await openPreparations([{ cloud: 'bare' }]);
  const build = await place.submit(pipeline());
  await place.prepare();
  expect(await preparationOf(place, build)).toMatchObject({
    state: 'uncached',
    reason: 'no cloud with a template for linux can make images',
  });
});
