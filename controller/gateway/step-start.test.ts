import { afterEach, expect, test } from 'vitest';
import { artifactsOfJob, stepsOfJob } from '#controller/store';
import { startLeaseRun, type LeaseRun } from './lease-run.ts';
import { createStandIn, leaseJob, type LeasedJob, type StandIn } from './test-support.ts';

let leased: LeasedJob;
let agent: StandIn;
let run: LeaseRun;

afterEach(async () => {
  run.letGo();
  await run.done.catch(() => undefined);
  await leased[Symbol.asyncDispose]();
});

async function start(source: string, secrets: Record<string, string> = {}): Promise<void> {
  leased = await leaseJob(source, secrets);
  agent = createStandIn();
  run = startLeaseRun(leased.deps, leased.build, leased.job, leased.nodeId, new AbortController().signal);
  run.attach(agent, { session: 'session', graceMs: 1 });
}

test('a step that no message can hold fails with a sentence; whatever runs after it, runs', async () => {
  const names = Array.from({ length: 15 }, (_, at) => `V${at}`);
  // Every quote takes two bytes in a message.
  const values = names.map((name) => `${name}: '${'"'.repeat(16_000)}'`);
  const again = names.map((name) => `${name}_${name}: "\${{ env.${name} }}"`);
  const more = names.map((name) => `X_${name}: "\${{ env.${name} }}"`);
  await start(`
env: { ${values.join(', ')} }
jobs:
  a:
    runs-on: linux
    env: { ${again.join(', ')} }
    steps: [{ name: huge, env: { ${more.join(', ')} }, run: work }, { name: after, if: always(), run: more }]`);
  const { step } = await agent.received('step.start');
  const [huge, after] = await stepsOfJob(leased.store.db, leased.job.id);
  expect(step).toBe(after?.id);
  expect(huge).toMatchObject({
    result: 'failure',
    message: 'step huge: its script, variables and secrets have more than 1 MiB together',
    started_at: null,
  });
});

test('every step masks the secrets of the whole job, and a checkout what it logs in with as well', async () => {
  await start(
    `
jobs:
  a:
    runs-on: linux
    steps: [{ checkout: { repository: "https://example.org/a.git", token: "user:literal-word" } }]
    post: { always: [{ env: { T: "\${{ secrets.LATER }}" }, run: work }] }`,
    { LATER: 'later-value' },
  );
  const { secrets } = await agent.received('step.start');
  expect(secrets).toEqual(expect.arrayContaining(['later-value', 'user:literal-word', 'literal-word']));
});

test('an artifact is called by its evaluated name; of two with one name, the second fails', async () => {
  await start(`
jobs:
  a:
    runs-on: linux
    steps: [{ run: work }]
    artifacts:
      - { name: "logs-\${{ build.number }}", paths: [out], when: always }
      - { name: "kept-\${{ job.id }}", paths: [out], when: failure }
      - { name: "logs-\${{ job.attempt }}", paths: [out], when: always }
      - { name: "odd-\${{ fromJSON('{') }}", paths: [out], when: always }`);
  const { step } = await agent.received('step.start');
  const end = { reason: 'exited' as const, exit: 0, signal: null };
  run.message({ type: 'step.finished', step, at: 1, end, outputs: {}, logBytes: 0 });
  const { artifact } = await agent.received('artifact.collect');
  run.message({ type: 'artifact.finished', artifact, files: 0 });
  await run.done;
  const artifacts = await artifactsOfJob(leased.store.db, leased.job.id);
  expect(artifacts.map(({ name, state, reason }) => [name, state, reason])).toEqual([
    ['logs-1', 'empty', 'its paths matched no file'],
    ['kept-a', 'empty', 'kept only after failure'],
    ['logs-${{ job.attempt }}', 'failed', 'another artifact of its job is called logs-1'],
    [expect.stringContaining('odd-'), 'failed', expect.stringContaining('JSON')],
  ]);
  expect(await leased.now()).toMatchObject({ result: 'success' });
});
