import { afterEach, describe, expect, test } from 'vitest';
import { cancelJob, finishJob } from '#controller/builds';
import { artifactsOfJob, stepsOfJob } from '#controller/store';
import type { AgentMessageOf, StepEnd } from '#shared/protocol';
import { startLeaseRun, type LeaseRun } from './lease-run.ts';
import { createStandIn, leaseJob, type LeasedJob, type StandIn } from './test-support.ts';

const PIPELINE = `
timeout: 2h
jobs:
  a:
    runs-on: linux
    timeout: 1h
    steps: [{ name: one, run: work }, { name: two, run: more }]
    artifacts: [{ name: out, paths: ["out/**"], when: always }]
`;

let leased: LeasedJob;
let agent: StandIn;
let run: LeaseRun;
let closing: AbortController;

afterEach(async () => {
  await run.done.catch(() => undefined);
  await leased[Symbol.asyncDispose]();
});

async function start(source = PIPELINE): Promise<void> {
  leased = await leaseJob(source);
  begin();
}

/** A run of the job as it was leased, whatever has happened to it since; what the gateway passes on comes from the journal. */
function begin(): void {
  agent = createStandIn();
  closing = new AbortController();
  run = startLeaseRun(leased.deps, leased.build, leased.job, leased.nodeId, closing.signal);
  run.attach(agent, { session: 'session', graceMs: 1 });
  leased.journal.subscribe((changes) => {
    for (const { kind, data } of changes) if (kind === 'job' && data.state === 'finished') run.letGo();
  });
}

describe('a job that ends elsewhere', () => {
  test('is let go of: its run ends, its log is complete and has no writer, its artifact says why', async () => {
    await start();
    const { step, stream } = await agent.received('step.start');
    run.log({ stream, offset: 0, time: 1, bytes: Buffer.from('so far\n') });
    await leased.journal.commit((tx) =>
      finishJob(tx, leased.job.id, { result: 'errored', reason: 'its agent was lost' }),
    );
    await run.done;

    expect(await leased.now()).toMatchObject({ result: 'errored', reason: 'its agent was lost' });
    const id = { build: leased.build.id, job: leased.job.id, step };
    expect(await leased.logs.size(id)).toEqual({ bytes: 7, lines: 1, complete: true });
    await (await leased.logs.open(id)).release();
    expect(await artifacts()).toEqual([['failed', 'its job ended first: its agent was lost']]);
  });

  test('before its run has begun is not driven at all', async () => {
    leased = await leaseJob(PIPELINE);
    await leased.journal.commit((tx) => finishJob(tx, leased.job.id, { result: 'errored', reason: 'gone' }));
    begin();
    await run.done;
    expect(agent.sent).toEqual([{ type: 'lease.end' }]);
  });

  test('an agent that comes when all is over is told so', async () => {
    leased = await leaseJob(PIPELINE);
    await leased.journal.commit((tx) => finishJob(tx, leased.job.id, { result: 'errored', reason: 'gone' }));
    begin();
    await run.done;
    const late = createStandIn();
    run.attach(late, { session: 'session', graceMs: 1 });
    expect(late.sent).toEqual([{ type: 'lease.end' }]);
  });
});

describe('a job that is cancelled', () => {
  test('between getting its node and its first step runs nothing', async () => {
    leased = await leaseJob(PIPELINE);
    await leased.journal.commit((tx) => cancelJob(tx, leased.job, { reason: 'by a person', force: false }));
    begin();
    await noFiles();
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'cancelled', reason: 'by a person' });
    expect(agent.sent.filter(({ type }) => type === 'step.start')).toEqual([]);
  });

  test('is ended with its step, also when the controller was started anew in between (L8)', async () => {
    await start();
    await agent.received('step.start');
    closing.abort(new Error('the controller stops'));
    await expect(run.done).rejects.toThrow('the controller stops');
    const running = await leased.now();
    await leased.journal.commit(
      async (tx) => running && cancelJob(tx, running, { reason: 'by a person', force: false }),
    );
    begin();
    await agent.received('step.cancel');
    await endStep(0, { ...EXITED, reason: 'cancelled' });
    await noFiles();
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'cancelled', reason: 'by a person' });
  });

  test('while its artifacts are collected keeps them: its steps had ended before', async () => {
    await start();
    await endStep(0, EXITED);
    await endStep(1, EXITED);
    await agent.received('artifact.collect');
    run.stop({ result: 'cancelled', reason: 'by a person' });
    await noFiles();
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'success', reason: null });
    expect(await artifacts()).toEqual([['empty', 'its paths matched no file']]);
  });

  test('by force while its artifacts are collected ends at once, and they say why', async () => {
    await start();
    await endStep(0, EXITED);
    await endStep(1, EXITED);
    await agent.received('artifact.collect');
    await leased.journal.commit((tx) => cancelJob(tx, leased.job, { reason: 'by a person', force: true }));
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'cancelled', reason: 'by a person' });
    expect(await artifacts()).toEqual([['failed', 'its job ended first: by a person']]);
  });

  test('ends when its agent does not say that the step ended, and waits for no artifact', async () => {
    await start();
    await agent.received('step.start');
    run.stop({ result: 'cancelled', reason: 'by a person' });
    await agent.received('step.cancel');
    leased.deps.clock.pass(10_000 + 30_000);
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'cancelled', reason: 'by a person' });
    expect(agent.sent.filter(({ type }) => type === 'artifact.collect')).toEqual([]);
  });
});

describe('time that is up', () => {
  test("is told as such, of the job and of the step that it ended, and the job's artifacts are kept", async () => {
    await start();
    await agent.received('step.start');
    leased.deps.clock.pass(60 * 60_000);
    await agent.received('step.cancel');
    await endStep(0, { ...EXITED, reason: 'cancelled', exit: null, signal: 'SIGTERM' });
    await noFiles();
    await run.done;
    const reason = 'the job took longer than 1h';
    expect(await leased.now()).toMatchObject({ result: 'timed-out', reason });
    expect(await stepsOfJob(leased.store.db, leased.job.id)).toMatchObject([
      { result: 'timed-out', message: reason, signal: 'SIGTERM' },
      { result: 'skipped' },
      { phase: 'collect', result: 'success' },
    ]);
  });

  test('while artifacts are collected changes nothing: they have a time of their own', async () => {
    await start();
    await endStep(0, EXITED);
    await endStep(1, EXITED);
    await agent.received('artifact.collect');
    leased.deps.clock.pass(60 * 60_000 - 1);
    await noFiles();
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'success', reason: null });
  });

  test("may be the build's, which counts from its creation", async () => {
    leased = await leaseJob(PIPELINE);
    leased.deps.clock.pass(90 * 60_000);
    begin();
    await agent.received('step.start');
    leased.deps.clock.pass(30 * 60_000);
    await agent.received('step.cancel');
    await endStep(0, { ...EXITED, reason: 'cancelled' });
    await noFiles();
    await run.done;
    expect(await leased.now()).toMatchObject({
      result: 'timed-out',
      reason: 'the build took longer than 2h',
    });
  });
});

describe('an artifact', () => {
  test.each([
    ['has too many files', ['a', 'b', 'c', 'd'], 1, 'more than 3 files'],
    ['has too many bytes', ['a', 'b'], 501, 'more than 1000 B'],
    ['has files that never came', ['a'], 1, 'a did not reach the storage'],
  ])('that %s fails, and not its job', async (_, paths, bytes, reason) => {
    await start();
    await endStep(0, EXITED);
    await endStep(1, EXITED);
    const { artifact } = await agent.received('artifact.collect');
    const files = paths.map((path) => ({ path, bytes, sha256: '0'.repeat(64), mode: 0o644 }));
    run.message({ type: 'artifact.files', artifact, files });
    run.message({ type: 'artifact.finished', artifact, files: files.length });
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'success' });
    expect(await artifacts()).toEqual([['failed', reason]]);
  });
});

const EXITED: StepEnd = { reason: 'exited', exit: 0, signal: null };

async function endStep(position: number, end: StepEnd): Promise<void> {
  const step = (await stepsOfJob(leased.store.db, leased.job.id))[position]?.id ?? '';
  while (!agent.sent.some((message) => message.type === 'step.start' && message.step === step))
    await new Promise(setImmediate);
  const finished: AgentMessageOf<'step.finished'> = {
    type: 'step.finished',
    step,
    at: 1,
    end,
    outputs: {},
    logBytes: 0,
  };
  run.message(finished);
}

async function noFiles(): Promise<void> {
  const { artifact } = await agent.received('artifact.collect');
  run.message({ type: 'artifact.finished', artifact, files: 0 });
}

async function artifacts(): Promise<[string, string | null][]> {
  const rows = await artifactsOfJob(leased.store.db, leased.job.id);
  return rows.map(({ state, reason }) => [state, reason]);
}
