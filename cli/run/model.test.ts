import { describe, expect, test } from 'vitest';
import type { Build, Event, Job } from '#controller/api';
import { createModel } from './model.ts';
import { describe as describeProgress } from './progress.ts';
import { buildOf, jobOf, stepOf } from './test-builds.ts';

test('a build that has ended is told again from its beginning', () => {
  const model = createModel(BUILD);
  expect(model.build.state).toBe('queued');
  expect(model.build.jobs[0]).toMatchObject({ state: 'blocked', result: null });

  expect(
    model.apply(event('job', { id: 'j', state: 'running', result: null, reason: null }))?.job.state,
  ).toBe('running');
  const started = model.apply(event('step', { id: 's', state: 'running', result: null }, 5));
  expect(started).toMatchObject({ job: { id: 'j' }, step: { state: 'running', startedAt: 5 } });
  const ended = model.apply(
    event('step', { id: 's', state: 'finished', result: 'failure', message: 'exit 3' }, 9),
  );
  expect(ended?.step).toMatchObject({ result: 'failure', message: 'exit 3', startedAt: 5, finishedAt: 9 });
  // What was shown before does not change any more.
  expect(started?.step?.state).toBe('running');
});

test('a step is called what it is called once its name is evaluated', () => {
  const written = stepOf({ id: 's', name: 'make ${{ matrix.n }}' });
  const model = createModel(buildOf([jobOf({ id: 'j', steps: [written] })]));
  expect(model.build.jobs[0]?.steps[0]?.name).toBe('make ${{ matrix.n }}');
  const started = model.apply(event('step', { id: 's', state: 'running', name: 'make 3' }));
  expect(started?.step?.name).toBe('make 3');
  expect(describeProgress(model.build, 1_000)).toContain('waits');
  model.apply(event('job', { id: 'j', state: 'running' }));
  expect(describeProgress(model.build, 1_000)).toBe('jobs 0/1 · 1s · test: step 1/1 make 3');
});

test('an event that changes no state, and one of an unknown object, say nothing', () => {
  const model = createModel(BUILD);
  expect(model.apply(event('job', { id: 'j', state: 'blocked', cancelRequested: true }))).toBeUndefined();
  expect(model.apply(event('step', { id: 'other', state: 'running' }))).toBeUndefined();
  expect(model.apply(event('request', { id: 'r', state: 'pending' }))).toBeUndefined();
});

describe('what appears later', () => {
  const cells = [jobOf({ id: 'j', key: 'test (3)' }), jobOf({ id: 'k', key: 'test (5)', base: 'test' })];

  test('are cells of a matrix: their events are news, and then they are followed', () => {
    const model = createModel(BUILD);
    const first = event('job', { id: 'j', state: 'blocked', key: 'test (3)' });
    expect(model.isNews(first)).toBe(true);
    model.update(buildOf(cells));
    expect(model.isNews(first)).toBe(false);
    const moved = model.apply(event('job', { id: 'k', state: 'queued', key: 'test (5)' }, 1, 'k'));
    expect(moved?.job).toMatchObject({ key: 'test (5)', state: 'queued' });
  });

  test('never runs ahead of its events', () => {
    const model = createModel(BUILD);
    model.apply(event('job', { id: 'j', state: 'running', result: null, reason: null }));
    model.update(buildOf([jobOf({ id: 'j', state: 'finished', result: 'success' }), ...cells.slice(1)]));
    expect(model.build.jobs.map(({ state, result }) => [state, result])).toEqual([
      ['running', null],
      ['blocked', null],
    ]);
  });

  test('is left out where nobody asked for it, and is no news a second time', () => {
    const model = createModel(BUILD, ({ key }) => key === 'test');
    const other = event('job', { id: 'x', state: 'queued', key: 'lint' }, 1, 'x');
    expect(model.isNews(other)).toBe(true);
    model.update(buildOf([...BUILD.jobs, jobOf({ id: 'x', key: 'lint' })]));
    expect(model.isNews(other)).toBe(false);
    expect(model.apply(other)).toBeUndefined();
  });
});

test('an attempt that another one follows is told together with it', () => {
  const model = createModel(buildOf([jobOf({ id: 'j', state: 'running' })]));
  const failed = event('job', {
    id: 'j',
    state: 'finished',
    key: 'test',
    result: 'failure',
    reason: 'exit 3',
  });
  expect(model.isNews(failed)).toBe(true);
  model.update(buildOf([ended({ superseded: true }), jobOf({ id: 'k', attempt: 2, notBefore: 10 })]));
  expect(model.apply(failed)).toMatchObject({
    job: { result: 'failure', superseded: true },
    next: { id: 'k', attempt: 2, notBefore: 10 },
  });
  expect(describeProgress(model.build, 1_000)).toBe('jobs 0/1 · 1s · test, attempt 2 waits for its turn');
});

test('a rerun has the results that it took over, which no event tells', () => {
  const reused = ended({ id: 'r', key: 'build', result: 'success', reusedFrom: 'q' });
  const model = createModel(buildOf([reused, jobOf({})]));
  expect(describeProgress(model.build, 1_000)).toBe('jobs 1/2 · 1s · test waits for its turn');
});

test('progress says how far it is and what it is at, the nearest to its end first', () => {
  const model = createModel(
    buildOf([jobOf({ id: 'l', key: 'late', base: 'late', needs: ['test'] }), ...BUILD.jobs]),
  );
  expect(describeProgress(model.build, 61_000)).toBe(
    'jobs 0/2 · 1m1s · late waits for test · test waits for its turn',
  );
  model.apply(event('job', { id: 'j', state: 'queued' }));
  expect(describeProgress(model.build, 1_900)).toBe(
    'jobs 0/2 · 1s · test waits for a node · late waits for test',
  );
  model.apply(event('job', { id: 'j', state: 'running' }));
  model.apply(event('step', { id: 's', state: 'running' }));
  expect(describeProgress(model.build, 2_000)).toBe(
    'jobs 0/2 · 2s · test: step 1/1 make · late waits for test',
  );
  model.apply(event('job', { id: 'j', state: 'finished' }));
  expect(describeProgress(model.build, 2_000)).toBe('jobs 1/2 · 2s · late waits for its turn');
});

function event(kind: Event['kind'], data: Event['data'], at = 1, jobId = 'j'): Event {
  return { seq: 1, at, kind, buildId: 'b', jobId, nodeId: null, data };
}

function ended(job: Partial<Job>): Job {
  return jobOf({ state: 'finished', result: 'failure', finishedAt: 2, ...job });
}

const BUILD: Build = buildOf([
  ended({ id: 'j', result: 'success', steps: [stepOf({ id: 's', state: 'finished', result: 'success' })] }),
]);
