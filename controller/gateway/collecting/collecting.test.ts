import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { manifestKeyOf, sumsKeyOf } from '#controller/artifacts';
import { filesOfArtifact, findUpload, stepsOfJob } from '#controller/store';
import type { ArtifactFile } from '#shared/protocol';
import type { LeaseRun } from '../lease-run.ts';
import type { LeaseRunDeps } from '../job-deps.ts';
import { leaseJob, LIMITS, type LeasedJob, type StandIn } from '../test-support.ts';
import {
  beginLife,
  endStep,
  fileOf,
  keeperOf,
  linkOf,
  logOf,
  onlyArtifact,
  PIPELINE,
  putFile,
  readObject,
  sha256,
  type Life,
} from './test-support.ts';

const MIB = 1024 * 1024;
const never = new AbortController().signal;

let leased: LeasedJob;
let life: Life;
let agent: StandIn;
let run: LeaseRun;
let closing: AbortController;

afterEach(async () => {
  closing.abort(new Error('the test is over'));
  await run.done.catch(() => undefined);
  await leased[Symbol.asyncDispose]();
});

/** The job's only step has ended well, and its first artifact is asked for. */
async function start(source = PIPELINE, change: Partial<LeaseRunDeps> = {}): Promise<string> {
  leased = await leaseJob(source);
  begin(change);
  await endStep(life);
  return (await agent.received('artifact.collect')).artifact;
}

function begin(change: Partial<LeaseRunDeps> = {}): void {
  life = beginLife(leased, change);
  ({ agent, run, closing } = life);
}

describe('an artifact that is stored', () => {
  test('shows all of its files at once, and any client can check it', async () => {
    const artifact = await start();
    const files = [fileOf('out/b', 'bb'), fileOf('out/a', 'a'), linkOf('out/c', 'a')];
    run.message({ type: 'artifact.files', artifact, files });
    const { puts } = await agent.received('artifact.put');
    expect(puts.map(({ path }) => path)).toEqual(['out/b', 'out/a']);
    await putFile(leased, artifact, 'out/b', 'bb');
    await putFile(leased, artifact, 'out/a', 'a');
    run.message({ type: 'artifact.finished', artifact, files: 3 });
    await run.done;

    const row = await onlyArtifact(leased);
    const at = leased.deps.clock.now();
    expect(row).toMatchObject({
      state: 'complete',
      name: 'out',
      files: 3,
      bytes: 3,
      expires_at: at + 86_400_000,
    });
    const rows = await filesOfArtifact(leased.store.db, artifact, { limit: 9 });
    expect(rows.map(({ path, link }) => [path, link])).toEqual([
      ['out/a', null],
      ['out/b', null],
      ['out/c', 'a'],
    ]);
    const manifest = await readObject(leased, manifestKeyOf(artifact));
    expect(JSON.parse(manifest)).toMatchObject({
      artifact,
      name: 'out',
      files: [{ path: 'out/a' }, {}, { link: 'a' }],
    });
    for (const line of (await readObject(leased, sumsKeyOf(artifact))).trimEnd().split('\n')) {
      const [sum, name] = line.split('  ');
      expect(sha256(await readObject(leased, `artifacts/${artifact}/${name}`))).toBe(sum);
    }
    expect(agent.sent.at(-2)).toEqual({ type: 'artifact.ack', artifact });
  });

  test('has its way in the log of the step that stores it, and never changes after', async () => {
    const artifact = await start();
    await store(artifact, 'out/a', 'a');
    await run.done;
    const steps = await stepsOfJob(leased.store.db, leased.job.id);
    expect(steps.at(-1)).toMatchObject({ phase: 'collect', result: 'success', message: null });
    const log = await logOf(leased, steps.at(-1)?.id ?? '');
    const manifest = sha256(await readObject(leased, manifestKeyOf(artifact)));
    expect(log).toBe(`out: collecting\nout: 1 file, 1 B, in 0ms; manifest sha256:${manifest}\n`);
    run.message({ type: 'artifact.files', artifact, files: [fileOf('out/z', 'z')] });
    run.message({ type: 'artifact.finished', artifact, files: 1 });
    expect(await filesOfArtifact(leased.store.db, artifact, { limit: 9 })).toHaveLength(1);
  });

  test('in one archive tells where each file is in it', async () => {
    const artifact = await start(PIPELINE.replace('expire: 1d', 'archive: true'));
    run.message({ type: 'artifact.files', artifact, files: [{ ...fileOf('out/a', 'a'), offset: 512 }] });
    run.message({ type: 'artifact.archive', artifact, bytes: 4, sha256: sha256('tarz') });
    expect((await agent.received('artifact.put')).puts).toMatchObject([{ path: 'archive' }]);
    const key = `artifacts/${artifact}/archive.tar.zst`;
    await leased.deps.blobs.put(key, Buffer.from('tarz'), { bytes: 4 }, never);
    run.message({ type: 'artifact.finished', artifact, files: 1 });
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'complete',
      archive: key,
      archive_sha256: sha256('tarz'),
    });
    const rows = await filesOfArtifact(leased.store.db, artifact, { limit: 9 });
    expect(rows).toMatchObject([{ path: 'out/a', blob: '', tar_offset: 512 }]);
  });
});

describe('a large file', () => {
  const content = Buffer.alloc(17 * MIB, 'x');
  const large: ArtifactFile = {
    path: 'out/large',
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    mode: 0o644,
  };
  const limits = { ...LIMITS, artifactBytes: 100 * MIB };

  test('goes in parts, and another life of the controller goes on with those that are there', async () => {
    const artifact = await start(PIPELINE, { limits });
    run.message({ type: 'artifact.files', artifact, files: [large] });
    const [first] = (await agent.received('artifact.put')).puts;
    expect(first).toEqual({ path: 'out/large', parts: { bytes: 16 * MIB, count: 2 }, stored: [] });
    run.message({ type: 'artifact.parts', artifact, path: 'out/large', parts: [1, 2, 3] });
    const { puts } = await agent.received('artifact.part-puts');
    expect(puts.map(({ part }) => part)).toEqual([1, 2]);
    await putPart(artifact, 1);

    closing.abort(new Error('the controller stops'));
    await expect(run.done).rejects.toThrow('stops');
    begin({ limits });
    await agent.received('artifact.collect');
    run.message({ type: 'artifact.files', artifact, files: [large] });
    expect((await agent.received('artifact.put')).puts).toMatchObject([{ stored: [1] }]);
    await putPart(artifact, 2);
    run.message({ type: 'artifact.finished', artifact, files: 1 });
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({ state: 'complete', bytes: content.length });
    expect(await findUpload(leased.store.db, artifact, 'out/large')).toBeUndefined();
  });

  test('of which a part is missing did not reach the storage, and its parts are given up', async () => {
    const artifact = await start(PIPELINE, { limits });
    run.message({ type: 'artifact.files', artifact, files: [large] });
    await agent.received('artifact.put');
    await putPart(artifact, 1);
    run.message({ type: 'artifact.finished', artifact, files: 1 });
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'failed',
      reason: 'out/large did not reach the storage',
    });
    await keeperOf(leased).run(never);
    expect(await Array.fromAsync(leased.deps.blobs.uploads.list('', never))).toEqual([]);
  });

  async function putPart(artifact: string, part: number): Promise<void> {
    const row = await findUpload(leased.store.db, artifact, 'out/large');
    if (row === undefined) throw new Error('there is no upload');
    const upload = { key: row.blob, id: row.upload, bytes: row.bytes, partBytes: row.part_bytes };
    const bytes = content.subarray((part - 1) * row.part_bytes, part * row.part_bytes);
    await leased.deps.blobs.uploads.putPart(upload, part, bytes, never);
  }
});

describe('a hostile agent', () => {
  test.each([
    ['a device', ['out/NUL'], 'artifact out: "out/NUL" has the name of a device of Windows'],
    ['a name in two spellings', ['\u00e9', 'e\u0301'], String.raw`"\u{e9}" and "e\u{301}"`],
    ['a file as a folder', ['out', 'out/a'], '"out" is a file, and the folder of "out/a"'],
  ])('that names %s fails its artifact, and the step tells why', async (_, paths, reason) => {
    const artifact = await start();
    run.message({ type: 'artifact.files', artifact, files: paths.map((path) => fileOf(path, 'x')) });
    for (const path of paths) await putFile(leased, artifact, path, 'x');
    run.message({ type: 'artifact.finished', artifact, files: paths.length });
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'success' });
    const step = (await stepsOfJob(leased.store.db, leased.job.id)).at(-1);
    expect(step).toMatchObject({ result: 'failure', message: expect.stringContaining(reason) as string });
  });

  test('can neither link out of the workspace nor give a link bytes', async () => {
    const artifact = await start();
    run.message({ type: 'artifact.files', artifact, files: [linkOf('out/l', '../../etc/passwd')] });
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'failed',
      reason: '"out/l" is a link that leads out',
    });
  });

  test('fills the storage with no more than an artifact may have, whatever content it names', async () => {
    const artifact = await start();
    for (let version = 0; version < 2 * LIMITS.artifactFiles; version += 1) {
      run.message({ type: 'artifact.files', artifact, files: [fileOf('out/a', `${version}`)] });
      await agent.received('artifact.put');
    }
    run.message({ type: 'artifact.files', artifact, files: [fileOf('out/a', 'once more')] });
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'failed',
      reason: 'its files change again and again',
    });
  });

  test('that gives a file a place in an archive that there is not fails its artifact', async () => {
    const artifact = await start();
    run.message({ type: 'artifact.files', artifact, files: [{ ...fileOf('out/a', 'a'), offset: 512 }] });
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'failed',
      reason: '"out/a" has a place in an archive, and is in none',
    });
  });

  test('tells why it failed in one line that moves no cursor', async () => {
    const artifact = await start();
    const problem = 'disk\u0000 full\n\u001b[2Jall is \u202ewell';
    run.message({ type: 'artifact.finished', artifact, files: 0, problem });
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'failed',
      reason: 'disk  full [2Jall is  well',
    });
  });

  test('that asks without waiting for answers is not listened to', async () => {
    const artifact = await start();
    for (let question = 0; question < 100; question += 1)
      run.message({ type: 'artifact.files', artifact, files: [fileOf('out/a', 'a')] });
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'failed',
      reason: 'its agent asks more than can be answered',
    });
    expect(agent.sent.filter(({ type }) => type === 'artifact.put').length).toBeLessThan(100);
  });
});

test('reports of tests are collected after a failure, too, and read in the same step', async () => {
  const source = `jobs: { a: { runs-on: linux, steps: [{ run: work }], reports: { junit: "*.xml" } } }`;
  leased = await leaseJob(source);
  begin({ readReports: () => Promise.resolve('12 tests: 12 passed') });
  await endStep(life, { reason: 'exited', exit: 1, signal: null });
  const { artifact, paths, maxBytes } = await agent.received('artifact.collect');
  expect({ paths, maxBytes }).toEqual({ paths: ['*.xml'], maxBytes: LIMITS.reportBytes });
  await store(artifact, 'a.xml', '<testsuite/>');
  await run.done;
  expect(await leased.now()).toMatchObject({ result: 'failure' });
  const step = (await stepsOfJob(leased.store.db, leased.job.id)).at(-1);
  expect(await logOf(leased, step?.id ?? '')).toContain('12 tests: 12 passed\n');
});

/** What an agent does for an artifact of one file. */
async function store(artifact: string, path: string, content: string): Promise<void> {
  run.message({ type: 'artifact.files', artifact, files: [fileOf(path, content)] });
  await agent.received('artifact.put');
  await putFile(leased, artifact, path, content);
  run.message({ type: 'artifact.finished', artifact, files: 1 });
}
