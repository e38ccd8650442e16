import { expect, test } from 'vitest';
import { eventsAfter } from '#controller/store';
import { openPreparations, pipeline, prepared, type PreparationsFixture } from './test-support.ts';

const DAY = 24 * 3_600_000;
const PREPARE = 'ttl: 1d, max-stale: 2d, steps: [{ run: install }]';

test('metrics hear how each job came to its image, once', async () => {
  await using place = await openPreparations();
  await prepared(place, PREPARE);
  await place.submit(pipeline(PREPARE));
  await place.prepare();
  place.pass(DAY);
  await place.submit(pipeline(PREPARE));
  await place.prepare();
  await place.submit(pipeline('on-miss: uncached, steps: [{ run: other }]'));
  await place.prepare();
  expect(await outcomes(place)).toEqual(['waited', 'hit', 'stale', 'uncached']);
});

async function outcomes({ store }: PreparationsFixture): Promise<unknown[]> {
  const events = await eventsAfter(store.db, 0, { limit: 1000 });
  return events
    .map(({ kind, data }) => (kind === 'job' ? data['outcome'] : null))
    .filter((outcome) => typeof outcome === 'string');
}
