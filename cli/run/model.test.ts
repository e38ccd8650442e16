import { expect, test } from 'vitest';
import type { Build, Event } from '#controller/api';
import { createModel } from './model.ts';
import { describe as describeProgress } from './progress.ts';

test('a build that has ended is told again from its beginning', () => {
  const model = createModel(BUILD);
  expect(model.build.state).toBe('queued');
  expect(model.jobs[0]).toMatchObject({ state: 'blocked', result: null });

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

test('an event that changes no state, and one of an unknown object, say nothing', () => {
  const model = createModel(BUILD);
  expect(model.apply(event('job', { id: 'j', state: 'blocked', cancelRequested: true }))).toBeUndefined();
  expect(model.apply(event('step', { id: 'other', state: 'running' }))).toBeUndefined();
  expect(model.apply(event('request', { id: 'r', state: 'pending' }))).toBeUndefined();
});

test('progress says how far it is and what it is at', () => {
  const model = createModel(BUILD);
  expect(describeProgress(model.build, 61_000)).toBe('jobs 0/1 · 1m1s · test waits for build');
  model.apply(event('job', { id: 'j', state: 'queued' }));
  expect(describeProgress(model.build, 1_900)).toBe('jobs 0/1 · 1s · test waits for a node');
  model.apply(event('job', { id: 'j', state: 'running' }));
  model.apply(event('step', { id: 's', state: 'running' }));
  expect(describeProgress(model.build, 2_000)).toBe('jobs 0/1 · 2s · test: 1/1 make');
  model.apply(event('job', { id: 'j', state: 'finished' }));
  expect(describeProgress(model.build, 2_000)).toBe('jobs 1/1 · 2s');
});

function event(kind: Event['kind'], data: Event['data'], at = 1): Event {
  return { seq: 1, at, kind, buildId: 'b', jobId: 'j', nodeId: null, data };
}

const BUILD: Build = {
  id: 'b',
  number: 1,
  pipeline: 'ci',
  file: 'ci.yaml',
  state: 'finished',
  result: 'success',
  reason: null,
  source: null,
  cancelRequested: false,
  createdAt: 0,
  startedAt: 1,
  finishedAt: 2,
  jobs: [
    {
      id: 'j',
      buildId: 'b',
      key: 'test',
      name: 'test',
      state: 'finished',
      stateSince: 2,
      result: 'success',
      reason: null,
      runsOn: 'linux',
      needs: ['build'],
      attempt: 1,
      cancelRequested: false,
      queuedAt: 1,
      startedAt: 1,
      finishedAt: 2,
      artifacts: [],
      steps: [
        {
          id: 's',
          position: 0,
          name: 'make',
          state: 'finished',
          result: 'success',
          exitCode: 0,
          signal: null,
          message: null,
          logBytes: 0,
          logLines: 0,
          startedAt: 1,
          finishedAt: 2,
        },
      ],
    },
  ],
};
