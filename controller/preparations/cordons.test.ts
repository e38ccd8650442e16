import { expect, test } from 'vitest';
import { deleteCordon, putCordon } from '#controller/store';
import { openPreparations, pipeline, prepared, type PreparationsFixture } from './test-support.ts';

const TEMPLATES = [
  { name: 'first', settings: { image: 'debian:12' } },
  { name: 'second', settings: { image: 'debian:13' } },
];

test('an image is made for another template while the best one is cordoned', async () => {
  await using place = await openPreparations(TEMPLATES);
  await cordon(place, 'one/first');
  await place.submit(pipeline());
  await place.prepare();
  expect(await madeFor(place, 0)).toEqual(['one/second']);
});

test('an image is made for the best template where all are cordoned', async () => {
  await using place = await openPreparations(TEMPLATES);
  await cordon(place, 'one');
  await place.submit(pipeline());
  await place.prepare();
  expect(await madeFor(place, 0)).toEqual(['one/first']);
});

test('no job waits for a cordoned template because that alone has its image', async () => {
  await using place = await openPreparations(TEMPLATES);
  await prepared(place);
  await cordon(place, 'one/first');
  const build = await place.submit(pipeline());
  await place.prepare();
  expect(await madeFor(place, 1)).toEqual(['one/second']);
  await place.finishPreparation(await place.preparation(1));
  await place.prepare();
  expect(Object.keys((await place.job(build, 'a')).images ?? {})).toEqual(['one/second']);
  const next = await place.submit(pipeline());
  await place.prepare();
  expect(Object.keys((await place.job(next, 'a')).images ?? {})).toEqual(['one/first', 'one/second']);
});

test('an image that has aged is made anew when its template is not cordoned any more', async () => {
  await using place = await openPreparations(TEMPLATES);
  const prepare = 'ttl: 1h, max-stale: 1h, steps: [{ run: install }]';
  await prepared(place, prepare);
  await cordon(place, 'one/second');
  await place.submit(pipeline(prepare));
  await place.prepare();
  await cordon(place, 'one/first');
  place.pass(90 * 60_000);
  await deleteCordon(place.store.db, 'one/second');
  const build = await place.submit(pipeline(prepare));
  await place.prepare();
  expect(await madeFor(place, 1)).toEqual(['one/second']);
  expect(await place.states(build)).toEqual({ a: 'blocked' });
  await deleteCordon(place.store.db, 'one/first');
  await place.submit(pipeline(prepare));
  await place.prepare();
  expect(await madeFor(place, 2)).toEqual(['one/first']);
});

async function cordon({ store }: PreparationsFixture, target: string): Promise<void> {
  await putCordon(store.db, { target, reason: 'a new disk', actor: 'ada', at: 1 });
}

async function madeFor(place: PreparationsFixture, index: number): Promise<string[]> {
  const { images } = await place.job(await place.preparation(index), 'prepare');
  return Object.keys(images ?? {});
}
