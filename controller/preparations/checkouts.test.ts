import { describe, expect, test } from 'vitest';
import { whyBlocked } from '#controller/builds';
import { FootmanError } from '#shared/errors';
import { openPreparations, pipeline, preparationOf, prepared, pullRequest } from './test-support.ts';

describe('a checkout in a preparation', () => {
  const CEPH = 'https://example.com/ceph.git';
  const checkout = `steps: [{ checkout: { repository: ${CEPH}, ref: main } }]`;

  test('makes another image when its branch has moved', async () => {
    await using place = await openPreparations();
    place.refs.set(`${CEPH} main`, 'a'.repeat(40));
    await prepared(place, checkout);
    const first = await place.preparation(0);
    expect(first.definition.jobs[0]?.steps).toMatchObject([{ checkout: { ref: 'a'.repeat(40) } }]);
    place.refs.set(`${CEPH} main`, 'b'.repeat(40));
    const build = await place.submit(pipeline(checkout));
    await place.prepare();
    expect(await place.states(build)).toEqual({ a: 'blocked' });
    const second = await place.preparation(1);
    expect(second.definition.jobs[0]?.steps).toMatchObject([{ checkout: { ref: 'b'.repeat(40) } }]);
  });

  test('is asked again for a while when the network fails, and then the job fails with its words', async () => {
    await using place = await openPreparations();
    const down = new FootmanError('repository-unreachable', 'the network is down');
    place.refs.set(`${CEPH} main`, down);
    const one = await place.submit(pipeline(checkout));
    const preparer = place.preparer();
    await preparer.run(AbortSignal.timeout(60_000));
    await expect
      .poll(async () => whyBlocked(place.store.db, await place.job(one, 'a')))
      .toBe('its prepared image is being looked up: the network is down');
    place.refs.set(`${CEPH} main`, 'a'.repeat(40));
    await expect.poll(() => (place.pass(1000), place.preparations())).toHaveLength(1);
    place.refs.set(`${CEPH} main`, down);
    const other = await place.submit(pipeline(checkout));
    await preparer.run(AbortSignal.timeout(60_000));
    await expect
      .poll(async () => (place.pass(30_000), place.job(other, 'a')))
      .toMatchObject({
        result: 'failure',
        reason: 'the network is down',
      });
    expect(await place.states(one)).toEqual({ a: 'blocked' });
  });

  test('of a fork asks no repository', async () => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline(checkout), { trust: 'fork', trigger: pullRequest(7) });
    await place.prepare();
    expect(await preparationOf(place, build)).toMatchObject({
      state: 'uncached',
      reason: 'the build is from a fork, for which the controller asks no repository',
    });
  });

  test('of a source that there is none of fails the job', async () => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline('steps: [{ checkout: true }]'));
    await place.prepare();
    expect(await place.job(build, 'a')).toMatchObject({
      result: 'failure',
      reason: "its preparation checks out a commit of the build's source, and the build came without one",
    });
  });
});
