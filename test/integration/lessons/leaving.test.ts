import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BuildView, EventView } from '#test/api-client';
import { blobsSection } from '#test/blobs-section';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';
import { stepNamed } from '#test/pipelines';
import { startSwift, swiftMissing, type SwiftServer } from '#test/swift';
import { startTroubledProxy, type Asked, type TroubledProxy } from '#test/troubled-proxy';

const CLOUDS = 'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }';
const COLLECT = 'store what the job leaves';

/** What a job leaves goes before its node does, on a budget of its own, and what becomes of it is not the job's result. */
describe('L14: what a job leaves', () => {
  let controller: EmbeddedController;

  beforeAll(async () => {
    controller = await startEmbeddedController(
      `limits: { artifact-bytes: 1KiB, step-log: 1KiB }\ntimeouts: { cancel-grace: 1s }\n${CLOUDS}`,
    );
  });
  afterAll(() => controller.dispose());

  test.each([
    { exit: 0, result: 'success' },
    { exit: 3, result: 'failure' },
  ])('that can not be stored overrides no exit code: $exit', async ({ exit, result }) => {
    const build = await run(`
jobs:
  a:
    runs-on: linux
    steps: [{ name: work, run: "head -c 2000 /dev/zero > large; exit ${exit}" }]
    artifacts: [{ name: large, paths: large, when: always }]
`);
    expect(build).toMatchObject({ result, jobs: [{ result, artifacts: [{ state: 'failed' }] }] });
    expect(stepNamed(build, 'work')).toMatchObject({ exitCode: exit });
    expect(stepNamed(build, COLLECT)).toMatchObject({
      result: 'failure',
      message: expect.stringContaining('have more than 1 KiB'),
    });
  });

  test('after its timeout is stored, and its log is whole, before its node goes', async () => {
    const build = await run(`
jobs:
  a:
    runs-on: linux
    timeout: 2s
    steps: [{ name: work, run: "echo begun; echo x > out; trap 'echo told to stop' TERM; sleep 600 & wait || true; echo last words" }]
    artifacts: [{ name: out, paths: out, when: always }]
`);
    expect(build.jobs).toMatchObject([{ result: 'timed-out', artifacts: [{ state: 'complete' }] }]);
    expect(await controller.api.log(stepNamed(build, 'work').id)).toBe('begun\ntold to stop\nlast words\n');
    const events = await controller.api.eventsUntil(
      ({ kind, jobId, data }) => kind === 'job' && jobId === build.jobs[0]?.id && data.state === 'finished',
    );
    const ofBuild = events.filter(({ buildId }) => buildId === build.id);
    expect(ofBuild.filter(isStored)).toHaveLength(1);
    const { node } =
      (await controller.api.get<{ jobs: { node: string }[] }>(`/builds/${build.id}`)).jobs[0] ?? {};
    expect(events.filter(({ nodeId, data }) => nodeId === node && data.state === 'deleting')).toEqual([]);
  });

  test('of output beyond the limit is less, and the log says so', async () => {
    const build = await run('jobs: { a: { runs-on: linux, steps: [{ name: work, run: "seq 1000" }] } }');
    const log = await controller.api.log(stepNamed(build, 'work').id);
    expect(log).toMatch(/^1\n2\n/);
    expect(log).toMatch(/limit/);
    expect(build).toMatchObject({ result: 'success' });
  });

  async function run(pipeline: string): Promise<BuildView> {
    const { id } = await controller.api.submit(pipeline);
    return controller.api.finished(id);
  }
});

optionalService('Swift', swiftMissing())('L14: a storage that says nothing', () => {
  let swift: SwiftServer;
  let proxy: TroubledProxy;
  let controller: EmbeddedController;

  beforeAll(async () => {
    swift = await startSwift();
    proxy = await startTroubledProxy(swift.url);
    const { yaml, env } = blobsSection({ ...swift.s3, endpoint: proxy.url });
    controller = await startEmbeddedController(`${yaml}\n${CLOUDS}`, env);
  });
  afterAll(async () => {
    await controller.dispose();
    await proxy.close();
    await swift.stop();
  });

  test('is not waited for: after a minute it is asked again', { timeout: 120_000 }, async () => {
    let silenced: string | undefined;
    proxy.trouble = (asked) => {
      if (!isUpload(asked) || silenced !== undefined) return undefined;
      silenced = objectOf(asked);
      return 'silence';
    };
    const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps: [{ run: "mkdir out; for i in 1 2 3; do echo $i > out/$i; done" }]
    artifacts: [{ name: out, paths: "out/*" }]
`);
    const build = await controller.api.finished(id);
    expect(build.jobs).toMatchObject([{ result: 'success', artifacts: [{ state: 'complete', files: 3 }] }]);
    expect(proxy.asked.filter((asked) => isUpload(asked) && objectOf(asked) === silenced)).toHaveLength(2);
  });
});

function isStored({ kind, data }: EventView): boolean {
  return kind === 'artifact' && data.state === 'complete';
}

function isUpload({ method, path }: Asked): boolean {
  return method === 'PUT' && path.includes('/artifacts/');
}

function objectOf({ path }: Asked): string {
  return path.replace(/\?.*/, '');
}
