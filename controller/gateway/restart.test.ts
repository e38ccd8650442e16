import { afterEach, expect, test } from 'vitest';
import { cancelJob } from '#controller/builds';
import { stepsOfJob, type Step } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { StepEnd } from '#shared/protocol';
import type { LeaseRunDeps } from './job-deps.ts';
import { startLeaseRun, type LeaseRun } from './lease-run.ts';
import { createStandIn, leaseJob, type LeasedJob, type StandIn } from './test-support.ts';

const POST = `
jobs:
  a:
    runs-on: linux
    timeout: 1h
    steps: [{ name: one, run: work }]
    post: { always: [{ name: collect, run: collect }, { name: later, run: more }], success: [{ name: cheer, run: cheer }] }
`;

let leased: LeasedJob;
let agent: StandIn;
let run: LeaseRun;
let closing: AbortController;

afterEach(async () => {
  await run.done.catch(() => undefined);
  await leased[Symbol.asyncDispose]();
});

function begin(change: Partial<LeaseRunDeps> = {}): void {
  agent = createStandIn();
  closing = new AbortController();
  run = startLeaseRun({ ...leased.deps, ...change }, leased.build, leased.job, leased.nodeId, closing.signal);
  run.attach(agent, { session: 'session', graceMs: 1 });
}

/** Everything that the controller has in memory is gone. */
async function restart(change: Partial<LeaseRunDeps> = {}): Promise<void> {
  closing.abort(new Error('the controller stops'));
  await run.done.catch(() => undefined);
  begin(change);
}

test('time that is up in a post step is none of the job, whose own steps had ended in time', async () => {
  leased = await leaseJob(POST);
  begin();
  await endStep('one');
  await started('collect');
  leased.deps.clock.pass(60 * 60_000 - 1);
  await restart();
  leased.deps.clock.pass(2);
  await restart();
  for (const name of ['collect', 'later', 'cheer']) await endStep(name);
  await run.done;
  expect(await leased.now()).toMatchObject({ result: 'success', reason: null });
});

test('a cancel in a post step changes the result of nothing, with a restart in between or without', async () => {
  leased = await leaseJob(POST);
  begin();
  await endStep('one');
  await started('collect');
  leased.deps.clock.pass(1);
  const running = await leased.now();
  await leased.journal.commit(async (tx) => {
    if (running !== undefined) await cancelJob(tx, running, { reason: 'by a person', force: false });
  });
  await restart();
  for (const name of ['collect', 'later', 'cheer']) await endStep(name);
  await run.done;
  expect(await leased.now()).toMatchObject({ result: 'success' });
});

test('a secret that is gone when the controller comes back fails the step that needs it, with a sentence', async () => {
  leased = await leaseJob(
    'jobs: { a: { runs-on: linux, steps: [{ name: one, env: { T: "${{ secrets.TOKEN }}" }, run: work }, { name: two, run: more }] } }',
    { TOKEN: 'hunter22' },
  );
  begin();
  await started('one');
  await restart({ secrets: { resolve: () => Promise.resolve(new Map()) } });
  await run.done;
  const reason = expect.stringContaining('there is no secret TOKEN');
  expect(await leased.now()).toMatchObject({ result: 'failure', reason });
  expect(await steps()).toMatchObject([{ result: 'failure', message: reason }, { result: 'skipped' }]);
  const id = { build: leased.build.id, job: leased.job.id, step: (await stepNamed('one')).id };
  expect(await leased.logs.size(id)).toMatchObject({ complete: true });
});

test('secrets that nobody can read end the job as infrastructure that failed', async () => {
  leased = await leaseJob(
    'jobs: { a: { runs-on: linux, steps: [{ env: { T: "${{ secrets.TOKEN }}" }, run: work }] } }',
  );
  const error = new FootmanError('secret-unreadable', 'the key 7 is not in secrets.key');
  begin({ secrets: { resolve: () => Promise.reject(error) } });
  await run.done;
  expect(await leased.now()).toMatchObject({ result: 'errored', reason: 'the key 7 is not in secrets.key' });
});

test('a failure of expressions that is allowed stays allowed', async () => {
  leased = await leaseJob(
    `jobs: { a: { runs-on: linux, steps: [{ name: odd, continue-on-error: true, run: "\${{ fromJSON('{') }}" }, { name: two, run: more }] } }`,
  );
  begin();
  await started('two');
  await restart();
  await endStep('two');
  await run.done;
  expect(await leased.now()).toMatchObject({ result: 'success' });
  expect(await stepNamed('odd')).toMatchObject({ result: 'failure', continue_on_error: 1 });
});

test('a cache step whose entry is there, though it was not noted down, has ended', async () => {
  leased = await leaseJob(
    'jobs: { a: { runs-on: linux, steps: [{ name: deps, cache: { key: k, paths: [deps] } }] } }',
  );
  begin();
  await endStep('deps');
  await started('save deps');
  const taken = { ...leased.deps.caches, save: () => Promise.resolve(null) };
  await restart({ caches: taken });
  await run.done;
  expect(await leased.now()).toMatchObject({ result: 'success' });
  expect(await stepNamed('save deps')).toMatchObject({
    state: 'finished',
    result: 'skipped',
    message: 'the cache has its key already',
  });
});

test('no post step starts when their time is up', async () => {
  leased = await leaseJob(
    POST.replace('always:', 'timeout: 5m, always:').replace(
      'run: collect',
      'continue-on-error: true, run: collect',
    ),
  );
  begin();
  await endStep('one');
  await started('collect');
  leased.deps.clock.pass(5 * 60_000);
  await agent.received('step.cancel');
  await endStep('collect', { reason: 'cancelled', exit: null, signal: 'SIGTERM' });
  await run.done;
  const reason = 'its post steps took longer than 5m';
  expect(await leased.now()).toMatchObject({ result: 'failure', reason: `after its steps: ${reason}` });
  expect(await stepNamed('later')).toMatchObject({ result: 'timed-out', message: reason, started_at: null });
  expect(await stepNamed('cheer')).toMatchObject({ started_at: null });
});

function steps(): Promise<Step[]> {
  return stepsOfJob(leased.store.db, leased.job.id);
}

async function stepNamed(name: string): Promise<Step> {
  const step = (await steps()).find((one) => one.name === name);
  if (step === undefined) throw new Error(`there is no step ${name}`);
  return step;
}

/** Resolves when the agent was told to start it and the store knows. */
async function started(name: string): Promise<void> {
  for (;;) {
    const { id, state } = await stepNamed(name);
    const isSent = agent.sent.some((message) => message.type === 'step.start' && message.step === id);
    if (isSent && state === 'running') return;
    await new Promise(setImmediate);
  }
}

async function endStep(
  name: string,
  end: StepEnd = { reason: 'exited', exit: 0, signal: null },
): Promise<void> {
  await started(name);
  const { id } = await stepNamed(name);
  run.message({ type: 'step.finished', step: id, at: 1, end, outputs: {}, logBytes: 0 });
}
