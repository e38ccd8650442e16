import { afterEach, expect, test } from 'vitest';
import type { DebuggingSecrets } from '#controller/secrets';
import { stepsOfJob, type Step } from '#controller/store';
import { leaseJob, type LeasedJob } from '../test-support.ts';
import { worldOf, type World } from './world.ts';

let leased: LeasedJob;

afterEach(() => leased[Symbol.asyncDispose]());

const STEPS = `
jobs:
  a:
    runs-on: linux
    env: { LEVEL: job }
    steps:
      - { name: one, run: first }
      - { name: two, run: second, shell: bash, working-directory: sub, env: { T: "\${{ secrets.OPEN }}:\${{ secrets.SHUT }}", N: "\${{ secrets.OPEN }}" } }
      - { name: three, run: third, continue-on-error: true }
    post: { always: [{ name: four, run: fourth }] }
`;

test('is that of the first step that failed the job, whose script and variables it has', async () => {
  await begin(STEPS, { one: 'success', two: 'failure', three: 'skipped', four: 'failure' });
  const { step, name, problem } = await world({ OPEN: 'open-value', SHUT: 'shut-value' }, {});
  expect({ name, problem }).toEqual({ name: 'two', problem: null });
  expect(step).toMatchObject({ name: 'two', shell: 'bash', script: 'second', workingDirectory: 'sub' });
  expect(step?.env).toMatchObject({
    LEVEL: 'job',
    T: 'open-value:shut-value',
    FOOTMAN_JOB: 'a',
    FOOTMAN_STEP: '1',
    FOOTMAN_NODE_ID: leased.nodeId,
  });
});

test('has no secret that may not stay, nor a value with one in it, and says which (I7)', async () => {
  await begin(STEPS, { one: 'success', two: 'failure' });
  const { step, denied } = await world({ OPEN: 'open-value' }, { SHUT: 'shut-value' });
  expect(step?.env).toMatchObject({ T: 'open-value:', N: 'open-value' });
  expect([...denied]).toEqual([['SHUT', 'shut-value']]);
  const { step: other } = await world({ OPEN: 'with shut-value in it' }, { SHUT: 'shut-value' });
  expect(JSON.stringify(other)).not.toContain('shut-value');
});

test('is that of the last of its own steps that ran, where none failed it', async () => {
  await begin(STEPS, { one: 'success', two: 'success', three: 'failure', four: 'success' }, ['three']);
  expect(await world({ OPEN: 'open-value' }, { SHUT: 'shut-value' })).toMatchObject({ name: 'three' });
});

test('is none where no step ran, and where it can not be made again, which it says', async () => {
  await begin(STEPS, {});
  expect(await world({}, {})).toMatchObject({ step: null, name: null, problem: null });
  await finish({ two: 'failure' });
  expect(await world({ SHUT: 'x' }, {})).toMatchObject({
    step: null,
    problem: expect.stringContaining('step two: there is no secret OPEN'),
  });
});

test('of a step that is no script has the job’s variables, and no credential', async () => {
  await begin(
    'jobs: { a: { runs-on: linux, env: { LEVEL: job }, steps: [{ name: source, checkout: { repository: "https://host/x", token: "${{ secrets.OPEN }}" } }] } }',
    { source: 'failure' },
  );
  const { step } = await world({ OPEN: 'open-value' }, {});
  expect(step).toMatchObject({ name: 'source', env: { LEVEL: 'job' } });
  expect(JSON.stringify(step)).not.toContain('open-value');
});

async function begin(
  source: string,
  results: Record<string, Step['result']>,
  forgiven: readonly string[] = [],
): Promise<void> {
  leased = await leaseJob(source);
  await finish(results, forgiven);
}

/** Steps that are skipped never started. */
async function finish(
  results: Record<string, Step['result']>,
  forgiven: readonly string[] = [],
): Promise<void> {
  for (const { id, name } of await stepsOfJob(leased.store.db, leased.job.id)) {
    const result = results[name] ?? null;
    await leased.store.db
      .updateTable('steps')
      .set({
        state: result === null ? 'pending' : 'finished',
        result,
        started_at: result === null || result === 'skipped' ? null : 1,
        continue_on_error: forgiven.includes(name) ? 1 : 0,
      })
      .where('id', '=', id)
      .execute();
  }
}

function world(allowed: Record<string, string>, denied: Record<string, string>): Promise<World> {
  const { store, build, job, nodeId } = leased;
  const given: DebuggingSecrets = {
    allowed: new Map(Object.entries(allowed)),
    denied: new Map(Object.entries(denied)),
  };
  const secrets = { forDebugging: () => Promise.resolve(given) };
  return worldOf({ store, secrets }, { build, job, nodeId });
}
