import { expect, test } from 'vitest';
import { moveJob } from '#controller/builds';
import { findJob, patchJob, stepsOfJob, type HoldWish } from '#controller/store';
import { leaseJob } from './test-support.ts';
import { wishHold } from './wish-hold.ts';

const PIPELINE =
  'jobs: { a: { runs-on: linux, steps: [{ run: x }], post: { always: [{ hold: { for: 1h } }] } } }';
const BOBS: HoldWish = {
  on: 'failure',
  origin: 'rerun',
  owner: 'bob',
  reason: null,
  forMs: null,
  keys: ['@bob'],
};

/** The job's wish after its hold step, which the build's own starter would have. */
async function after(before: HoldWish | null): Promise<HoldWish | null | undefined> {
  await using leased = await leaseJob(PIPELINE);
  const { store, journal, deps, build, nodeId } = leased;
  await journal.commit((tx) => moveJob(tx, leased.job.id, ['leased'], 'running'));
  const job = await patchJob(store.db, leased.job.id, ['running'], { hold: before });
  const step = (await stepsOfJob(store.db, leased.job.id)).find(({ spec }) => spec.kind === 'hold');
  if (job === undefined || step === undefined) throw new Error('there is no such step');
  const hold = { forMs: 3_600_000, keys: [] };
  const resolved = { kind: 'hold', name: 'hold', env: {}, continueOnError: false, hold } as const;
  const started = { ...build, trigger: { event: 'manual' as const, actor: 'alice' } };
  await wishHold({ ...deps, build: started, job, nodeId, step }, resolved);
  return (await findJob(store.db, job.id))?.hold;
}

test('a step holds the node for whoever started the build', async () => {
  expect(await after(null)).toMatchObject({
    on: 'end',
    origin: 'pipeline',
    owner: 'alice',
    forMs: 3_600_000,
  });
});

test('a step leaves the node to the person who has asked for it, as who reran the build with a hold', async () => {
  expect(await after(BOBS)).toEqual({ ...BOBS, on: 'end' });
});
