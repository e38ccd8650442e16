import { describe, expect, test } from 'vitest';
import { cancelBuild, whyBlocked } from '#controller/builds';
import type { Tx } from '#controller/events';
import { previousResult, stepsOfJob } from '#controller/store';
import { resolveStep } from '#shared/pipeline';
import {
  current,
  once,
  openPreparations,
  pipeline,
  preparationOf,
  prepared,
  type PreparationsFixture,
} from './test-support.ts';

describe('a job with a prepared image', () => {
  test('waits for a build that makes it, and then starts from there', async () => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline('key: tools, steps: [{ run: install }]'));
    expect(await whyBlocked(place.store.db, await place.job(build, 'a'))).toBe(
      'its prepared image is being looked up',
    );
    await place.prepare();
    const preparation = await place.preparation(0);
    expect(await place.preparations()).toHaveLength(1);
    expect(await place.states(build)).toEqual({ a: 'blocked' });
    expect(await whyBlocked(place.store.db, await place.job(build, 'a'))).toBe(
      `it waits for the prepared image tools, which build #${preparation.number} makes`,
    );
    await place.finishPreparation(preparation);
    await place.prepare();
    expect(await place.states(build)).toEqual({ a: 'queued' });
    const job = await place.job(build, 'a');
    expect(job.images).toEqual({ 'one/host': await current(place, preparation) });
    expect(job.preparation).toMatchObject({
      state: 'prepared',
      streams: [{ cloud: 'one', template: 'host' }],
    });
    expect((await stepsOfJob(place.store.db, job.id)).map(({ phase }) => phase)).toEqual(['prepare', 'main']);
  });

  test('starts at once where there is an image, whoever had it made', async () => {
    await using place = await openPreparations();
    await prepared(place);
    const next = await place.submit(pipeline());
    await place.prepare();
    expect(await place.states(next)).toEqual({ a: 'queued' });
    const preparation = await place.preparation(0);
    expect((await place.job(next, 'a')).images).toEqual({ 'one/host': await current(place, preparation) });
    expect(await place.preparations()).toHaveLength(1);
  });

  test('is one of ten that wait for one build', async () => {
    await using place = await openPreparations();
    const builds = [];
    for (let count = 0; count < 10; count++) builds.push(await place.submit(pipeline()));
    await place.prepare();
    const preparation = await place.preparation(0);
    expect(await place.preparations()).toHaveLength(1);
    await place.finishPreparation(preparation);
    await place.prepare();
    for (const build of builds) expect(await place.states(build)).toEqual({ a: 'queued' });
  });

  test('fails with its preparation', async () => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline());
    await place.prepare();
    const preparation = await place.preparation(0);
    await place.finishPreparation(preparation, 'failure');
    await place.prepare();
    expect(await place.job(build, 'a')).toMatchObject({
      result: 'failure',
      reason: `its preparation failed in build #${preparation.number}: it was a failure`,
    });
    expect(await place.build(build)).toMatchObject({ state: 'finished', result: 'failure' });
  });

  test.each(['timed-out', 'cancelled'] as const)('runs without an image when that one %s', async (result) => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline());
    await place.prepare();
    const preparation = await place.preparation(0);
    await place.finishPreparation(preparation, result);
    await place.prepare();
    expect(await place.states(build)).toEqual({ a: 'queued' });
    expect(await place.job(build, 'a')).toMatchObject({
      images: null,
      preparation: {
        state: 'uncached',
        reason: `its preparation in build #${preparation.number} ended ${result}: it was a ${result}`,
      },
    });
  });

  test('runs without an image when infrastructure failed it twice', async () => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline());
    await place.prepare();
    const preparation = await place.preparation(0);
    await place.finishPreparation(preparation, 'errored');
    await place.prepare();
    expect(await place.states(build)).toEqual({ a: 'blocked' });
    await place.finishPreparation(preparation, 'errored');
    await place.prepare();
    expect(await preparationOf(place, build)).toMatchObject({ state: 'uncached' });
  });

  test('runs without an image when the build left none', async () => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline());
    await place.prepare();
    const preparation = await place.preparation(0);
    await place.finishPreparation(preparation, 'success', { isCaptured: false });
    await place.prepare();
    expect(await preparationOf(place, build)).toMatchObject({
      state: 'uncached',
      reason: `build #${preparation.number} left no image`,
    });
  });

  test('does not wait when it says so, and has it made for the next ones', async () => {
    await using place = await openPreparations();
    const prepare = 'on-miss: uncached, steps: [{ run: install }]';
    const build = await place.submit(pipeline(prepare));
    await place.prepare();
    const preparation = await place.preparation(0);
    expect(await place.states(build)).toEqual({ a: 'queued' });
    expect(await preparationOf(place, build)).toMatchObject({
      state: 'uncached',
      reason: `there is no prepared image yet; build #${preparation.number} makes it`,
    });
    await place.finishPreparation(preparation);
    const next = await place.submit(pipeline(prepare));
    await place.prepare();
    expect(await preparationOf(place, next)).toMatchObject({ state: 'prepared' });
  });

  test('is let go by a cancellation, and the build that it waited for is not', async () => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline());
    await place.prepare();
    await cancelBuild(place.journal, build.id, { reason: 'enough', force: false });
    expect(await place.states(build)).toEqual({ a: 'cancelled' });
    const preparation = await place.preparation(0);
    await place.finishPreparation(preparation);
    await place.prepare();
    expect(await place.states(build)).toEqual({ a: 'cancelled' });
    expect(await current(place, preparation)).not.toBeNull();
  });

  test('looks for its image anew in its next attempt', async () => {
    await using place = await openPreparations();
    const build = await place.submit(pipeline(undefined, 'retry: { max: 1, on: [errored] },'));
    await place.prepare();
    const preparation = await place.preparation(0);
    await place.finishPreparation(preparation);
    await place.prepare();
    await place.finish(build, 'a', 'errored');
    expect(await place.job(build, 'a')).toMatchObject({
      attempt: 2,
      state: 'blocked',
      images: null,
      preparation: { state: 'wanted' },
    });
    await place.prepare();
    expect(await place.states(build)).toEqual({ a: 'queued' });
  });
});

test('the build that makes an image is none that others of its name are compared with', async () => {
  await using place = await openPreparations();
  await place.submit(pipeline('key: tools, steps: [{ run: install }]'));
  await place.prepare();
  await place.finishPreparation(await place.preparation(0));
  const alike = await place.submit(
    'name: prepare tools\njobs: { prepare: { runs-on: linux, steps: [{ run: work }] } }',
  );
  expect(await previousResult(place.store.db, alike, 'prepare')).toBeUndefined();
});

test('what an expression produced is done as it is, and never evaluated again', async () => {
  await using place = await openPreparations();
  const text = "echo ${{ parameters.x }} ''";
  const step = `steps: [{ run: 'echo \${{ parameters.x }}' }]`;
  const source = `${pipeline(step)}\non: { manual: { parameters: { x: { type: string } } } }`;
  await place.submit(source, { parameters: { x: text } });
  await place.prepare();
  const preparation = await place.preparation(0);
  const steps = preparation.definition.jobs.flatMap((job) => job.steps);
  expect(steps.map((step) => resolveStep(step, { parameters: {} }))).toMatchObject([{ run: `echo ${text}` }]);
});

test('there is one build, wherever the controller dies', async () => {
  for (let deaths = 0; ; deaths++) {
    await using place = await openPreparations();
    const build = await place.submit(pipeline());
    const { died, isOver, journal } = dyingAfter(place, deaths);
    const dying = place.preparer(journal);
    await dying.run(AbortSignal.timeout(60_000));
    await Promise.race([dying.settled(), died]);
    await once(place.preparer());
    expect(await place.preparations()).toHaveLength(1);
    await place.finishPreparation(await place.preparation(0));
    await once(place.preparer());
    expect(await place.states(build)).toEqual({ a: 'queued' });
    if (!isOver()) return;
  }
});

/** A journal that takes no more commits after so many: whoever waits for one waits for ever. */
function dyingAfter({ journal }: PreparationsFixture, commits: number) {
  const death = Promise.withResolvers<void>();
  let left = commits;
  return {
    died: death.promise,
    isOver: () => left < 0,
    journal: {
      ...journal,
      commit<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
        left -= 1;
        if (left >= 0) return journal.commit(work);
        death.resolve();
        return new Promise(() => undefined);
      },
    },
  };
}
