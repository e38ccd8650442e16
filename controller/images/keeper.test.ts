import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cancelBuild, finishJob } from '#controller/builds';
import { findBuild, findNode, jobsOfBuild, type Build, type ImageVersion } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { HOUR, openKeeper, type KeeperFixture } from './keeper.test-support.ts';
import { LOOK } from './steps.test-support.ts';

const PIPELINE = `
jobs:
  make: { runs-on: linux, env: { COLOUR: blue }, timeout: 7m, steps: [{ run: make }] }
  test: { needs: make, runs-on: linux, steps: [{ run: test }] }
`;
const VERIFIER = 'make (verify base)';

let fixture: KeeperFixture;
let build: Build;

beforeEach(async () => {
  fixture = await openKeeper();
  build = await fixture.submit(PIPELINE);
});

afterEach(() => fixture[Symbol.asyncDispose]());

function refuse(code: 'cloud-refused' | 'cloud-unavailable', sentence = 'no room'): void {
  fixture.before = () => Promise.reject(new FootmanError(code, sentence));
}

/** Clouds answer when the test says so, or to the signal. */
function hold(): PromiseWithResolvers<void> {
  const held = Promise.withResolvers<void>();
  fixture.before = (_name, _node, signal) =>
    Promise.race([
      held.promise,
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]);
  return held;
}

async function logOf(version: ImageVersion): Promise<string> {
  const job = await fixture.job(build, 'make');
  const step = await fixture.step(job);
  const id = { build: build.id, job: job.id, step: step?.id ?? '' };
  const { content } = await fixture.logs.read(id, { offset: 0 }, AbortSignal.timeout(10_000));
  const text = Buffer.concat(await Array.fromAsync(content)).toString();
  return text.replaceAll(version.node_id ?? '', 'NODE');
}

describe('a capture', () => {
  test('ends its step and its job in one commit, with all that the cloud told', async () => {
    const made = await fixture.snapshot(build, 'make', { verify: null, outputs: { digest: 'abc' } });
    await fixture.settle();
    expect(fixture.asked).toEqual(['base-1.local']);
    expect(await fixture.version(made)).toMatchObject({
      state: 'ready',
      image: 'images/base-1.local',
      bytes: 5 * 2 ** 20,
      digest: 'sha256:base-1.local',
      captured_at: fixture.clock.now(),
      ready_at: fixture.clock.now(),
    });
    const job = await fixture.job(build, 'make');
    expect(job).toMatchObject({ result: 'success', outputs: { digest: 'abc' } });
    expect(await fixture.step(job)).toMatchObject({ result: 'success', log_lines: 2 });
    expect(await logOf(made)).toBe(
      'capturing node NODE as base-1.local\ncaptured within 0ms: 5 MiB, which the cloud calls images/base-1.local\n',
    );
    expect(await findNode(fixture.store.db, made.node_id ?? '')).toMatchObject({ state: 'deleting' });
    expect(await fixture.stream()).toMatchObject({ current: made.id, previous: null, generation: 1 });
  });

  test('is tried again while the cloud is not available, and no other waits for it', async () => {
    const warned = vi.spyOn(fixture.logger, 'warn');
    const other = await fixture.submit('jobs: { make: { runs-on: linux, steps: [{ run: make }] } }');
    fixture.before = async (name) => {
      if (name === 'base-1.local' && warned.mock.calls.length === 0)
        throw new FootmanError('cloud-unavailable', 'not now');
    };
    const first = await fixture.snapshot(build, 'make', { verify: null });
    const second = await fixture.snapshot(other, 'make', { verify: null, stream: 'second' });
    await fixture.keeper.run(new AbortController().signal);
    await expect.poll(() => warned.mock.calls.length).toBe(1);
    await expect.poll(async () => (await fixture.version(second)).state).toBe('ready');
    expect(await fixture.version(first)).toMatchObject({ state: 'capturing' });
    fixture.clock.pass(1000);
    await fixture.settle();
    expect(fixture.asked.toSorted()).toEqual(['base-1.local', 'base-1.local', 'second-1.local']);
    expect(await fixture.version(first)).toMatchObject({ state: 'ready' });
  });

  test('fails its job when the time is up, with the last that the cloud said', async () => {
    const warned = vi.spyOn(fixture.logger, 'warn');
    refuse('cloud-unavailable', 'the engine is down');
    const made = await fixture.snapshot(build, 'make');
    await fixture.keeper.run(new AbortController().signal);
    await expect.poll(() => warned.mock.calls.length).toBe(1);
    fixture.clock.pass(HOUR);
    await fixture.settle();
    const why = 'its node could not be captured: it was not done within 1h: the engine is down';
    expect(await fixture.version(made)).toMatchObject({ state: 'failed', reason: why });
    const job = await fixture.job(build, 'make');
    expect(job).toMatchObject({ result: 'errored', reason: `step keep it: ${why}` });
    expect(await fixture.step(job)).toMatchObject({ result: 'errored', message: why });
  });

  test('that hangs is given up when the time is up', async () => {
    hold();
    await fixture.snapshot(build, 'make');
    await fixture.keeper.run(new AbortController().signal);
    await expect.poll(() => fixture.asked.length).toBe(1);
    fixture.clock.pass(HOUR);
    await fixture.settle();
    expect(await fixture.job(build, 'make')).toMatchObject({
      result: 'errored',
      reason: 'step keep it: its node could not be captured: it was not done within 1h',
    });
  });

  test('that the cloud refuses fails the job with its sentence, and leaves what is current', async () => {
    const good = await fixture.submit(PIPELINE);
    const before = await fixture.snapshot(good, 'make', { verify: null });
    await fixture.settle();
    refuse('cloud-refused', 'there is no room for images');
    const made = await fixture.snapshot(build, 'make', { verify: null });
    await fixture.settle();
    const why = 'its node could not be captured: there is no room for images';
    expect(await fixture.version(made)).toMatchObject({ state: 'failed', reason: why, image: null });
    expect(await fixture.job(build, 'make')).toMatchObject({
      result: 'failure',
      reason: `step keep it: ${why}`,
    });
    expect(await fixture.job(build, 'test')).toMatchObject({ result: 'skipped' });
    expect(await logOf(made)).toBe(
      'capturing node NODE as base-2.local\nthere is no image: there is no room for images\n',
    );
    expect(await fixture.stream()).toMatchObject({ current: before.id, generation: 1 });
  });

  test('may fail where the pipeline says that it may', async () => {
    refuse('cloud-refused');
    const made = await fixture.snapshot(build, 'make', { continueOnError: true, outputs: { a: 'b' } });
    await fixture.settle();
    const job = await fixture.job(build, 'make');
    expect(job).toMatchObject({ result: 'success', outputs: { a: 'b' } });
    expect(await fixture.step(job)).toMatchObject({ result: 'failure', continue_on_error: 1 });
    expect(await fixture.version(made)).toMatchObject({ state: 'failed' });
  });

  test('in a cloud that is not configured any more fails at once', async () => {
    fixture.clouds.delete('local');
    await fixture.snapshot(build, 'make');
    await fixture.settle();
    expect(await fixture.job(build, 'make')).toMatchObject({
      result: 'errored',
      reason: 'step keep it: its node could not be captured: cloud local is not configured any more',
    });
  });

  test('is given up when its job is to be cancelled', async () => {
    hold();
    const made = await fixture.snapshot(build, 'make');
    await fixture.keeper.run(new AbortController().signal);
    await expect.poll(() => fixture.asked.length).toBe(1);
    const known = fixture.changes.length;
    await cancelBuild(fixture.journal, build.id, { reason: 'by a person', force: false });
    expect(fixture.keeper.concerns(fixture.changes.slice(known))).toBe(true);
    await fixture.settle();
    const job = await fixture.job(build, 'make');
    expect(job).toMatchObject({ result: 'cancelled', reason: 'by a person' });
    expect(await fixture.step(job)).toMatchObject({ result: 'cancelled' });
    expect(await fixture.version(made)).toMatchObject({ state: 'failed', reason: 'by a person' });
    expect(await findBuild(fixture.store.db, build.id)).toMatchObject({ result: 'cancelled' });
  });

  test('that succeeds when its job was to be cancelled a moment before makes no image', async () => {
    fixture.before = async () => {
      await cancelBuild(fixture.journal, build.id, { reason: 'by a person', force: false });
    };
    const made = await fixture.snapshot(build, 'make', { verify: null });
    await fixture.settle();
    expect(await fixture.job(build, 'make')).toMatchObject({ result: 'cancelled' });
    expect(await fixture.version(made)).toMatchObject({ state: 'failed' });
    expect(await fixture.stream()).toMatchObject({ current: null });
  });

  test('is given up when its job has ended elsewhere, and its node waits for that', async () => {
    hold();
    const made = await fixture.snapshot(build, 'make');
    await fixture.keeper.run(new AbortController().signal);
    await expect.poll(() => fixture.asked.length).toBe(1);
    let isSettled = false;
    const settled = fixture.keeper.nodeSettled(made.node_id ?? '').then(() => (isSettled = true));
    const { id } = await fixture.job(build, 'make');
    const known = fixture.changes.length;
    await fixture.journal.commit((tx) => finishJob(tx, id, { result: 'errored', reason: 'it vanished' }));
    expect(fixture.keeper.concerns(fixture.changes.slice(known))).toBe(true);
    expect(isSettled).toBe(false);
    await fixture.settle();
    await settled;
    expect(await fixture.version(made)).toMatchObject({
      state: 'failed',
      reason: 'its job ended errored: it vanished',
    });
    expect(await fixture.job(build, 'make')).toMatchObject({ result: 'errored', reason: 'it vanished' });
  });

  test('goes on in the next life of the controller, under the same name', async () => {
    const held = hold();
    const made = await fixture.snapshot(build, 'make', { verify: null });
    await fixture.keeper.run(new AbortController().signal);
    await expect.poll(() => fixture.asked.length).toBe(1);
    await fixture.restart();
    expect(await fixture.version(made)).toMatchObject({ state: 'capturing' });
    expect(await fixture.job(build, 'make')).toMatchObject({ state: 'running' });
    held.resolve();
    await fixture.settle();
    expect(fixture.asked).toEqual(['base-1.local', 'base-1.local']);
    expect(await fixture.version(made)).toMatchObject({ state: 'ready' });
    expect((await logOf(made)).split('\n')).toHaveLength(3);
  });

  test('whose end could not be written down is asked for again', async () => {
    const made = await fixture.snapshot(build, 'make', { verify: null });
    vi.spyOn(fixture.journal, 'commit').mockRejectedValueOnce(new Error('the database is away'));
    await fixture.settle();
    expect(await fixture.job(build, 'make')).toMatchObject({ state: 'running' });
    await fixture.settle();
    expect(await fixture.version(made)).toMatchObject({ state: 'ready' });
    expect(fixture.asked).toHaveLength(2);
    expect(await logOf(made)).toMatch(/^capturing .*\ncaptured .*\n$/);
  });

  test('tells each line of its log once, though its controller died while it wrote', async () => {
    const made = await fixture.snapshot(build, 'make', { verify: null });
    const text = `capturing node ${made.node_id} as base-1.local\ncaptured within 2s: 1 MiB\n`;
    const job = await fixture.job(build, 'make');
    const step = (await fixture.step(job))?.id ?? '';
    const writer = await fixture.logs.open({ build: build.id, job: job.id, step });
    await writer.append(0, 0, Buffer.from(text));
    await writer.release();
    await fixture.settle();
    expect(await logOf(made)).toBe(text.replace(made.node_id ?? '', 'NODE'));
  });

  test('is ended once by two controllers', async () => {
    const made = await fixture.snapshot(build, 'make', { verify: [LOOK] });
    const other = fixture.another();
    const { signal } = new AbortController();
    await Promise.all([fixture.keeper.run(signal), other.run(signal)]);
    await Promise.all([fixture.keeper.settled(), other.settled()]);
    await fixture.settle();
    expect(await fixture.version(made)).toMatchObject({ state: 'verifying' });
    const keys = (await jobsOfBuild(fixture.store.db, build.id)).map(({ key }) => key);
    expect(keys).toEqual(['make', 'test', VERIFIER]);
  });
});
