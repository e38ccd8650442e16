import { describe, expect, test } from 'vitest';
import { cancelBuild } from '#controller/builds';
import { current, openPreparations, pipeline } from './test-support.ts';

describe('a layer', () => {
  test('is made on top of the one before', async () => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline(layers('configure')));
    let before: string | null = null;
    for (let layer = 0; layer < 3; layer++) {
      await place.prepare();
      const preparation = await place.preparation(layer);
      expect(preparation.definition.jobs[0]?.steps).toHaveLength(1);
      expect((await place.job(preparation, 'prepare')).images).toEqual({ 'one/host': before });
      await place.finishPreparation(preparation);
      before = await current(place, preparation);
    }
    await place.prepare();
    expect(await place.preparations()).toHaveLength(3);
    expect((await place.job(build, 'a')).images).toEqual({ 'one/host': before });
  });

  test('that others have made is gone on from', async () => {
    await using place = await openPreparations();
    await place.submit(pipeline(layers('configure')));
    for (let layer = 0; layer < 3; layer++) {
      await place.prepare();
      await place.finishPreparation(await place.preparation(layer));
    }
    await place.prepare();
    await place.submit(pipeline(layers('configure otherwise')));
    await place.prepare();
    expect(await place.preparations()).toHaveLength(4);
    const [second, fourth] = [await place.preparation(1), await place.preparation(3)];
    expect(fourth.definition.jobs[0]?.steps).toMatchObject([{ run: 'configure otherwise' }]);
    expect((await place.job(fourth, 'prepare')).images).toEqual({
      'one/host': await current(place, second),
    });
  });

  test('is none of its own where nobody waits who would ask for the next one', async () => {
    await using place = await openPreparations();
    const gone = await place.submit(pipeline(layers('configure')));
    await place.prepare();
    await cancelBuild(place.journal, gone.id, { reason: 'enough', force: false });
    await place.finishPreparation(await place.preparation(0));
    await place.submit(pipeline(`on-miss: uncached, ${layers('configure')}`));
    await place.prepare();
    const rest = await place.preparation(1);
    expect(rest.definition.jobs[0]?.steps).toMatchObject([{ run: 'install' }, { run: 'configure' }]);
    await place.finishPreparation(rest);
    const build = await place.submit(pipeline(`on-miss: uncached, ${layers('configure')}`));
    await place.prepare();
    expect((await place.job(build, 'a')).images).toEqual({ 'one/host': await current(place, rest) });
  });
});

/** Three, of which the last one is this. */
function layers(last: string): string {
  return `layers: true, steps: [{ run: update }, { run: install }, { run: '${last}' }]`;
}
