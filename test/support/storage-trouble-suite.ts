import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBlobs, type Blobs } from '#controller/blobs';
import type { BuildView, EventView } from './api-client.ts';
import { blobsSection } from './blobs-section.ts';
import { startControllerProcess, type ControllerProcess } from './controller-process.ts';
import { processesOfNode } from './node-traces.ts';
import { optionalService } from './optional.ts';
import { stepNamed } from './pipelines.ts';
import {
  startSwift,
  swiftMissing,
  type S3Settings,
  type SwiftContainer,
  type SwiftServer,
  type SwiftSettings,
} from './swift.ts';
import { startTroubledProxy, type Asked, type TroubledProxy } from './troubled-proxy.ts';

type Settings = S3Settings | SwiftSettings;

const never = new AbortController().signal;
const CLOUDS = 'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }';
const SMALL = `
jobs:
  make:
    runs-on: linux
    steps: [{ run: "mkdir out; for i in 1 2 3 4; do echo $i > out/$i; done" }]
    artifacts: [{ name: out, paths: "out/*" }]
`;
/** Parts of 16 MiB, more than are sent at a time. */
const LARGE = `
jobs:
  make:
    runs-on: linux
    steps: [{ name: make, run: "head -c 160000000 /dev/urandom > out; sha256sum out; exit 3" }]
    artifacts: [{ name: out, paths: out, when: always }]
`;
const COLLECT = 'store what the job leaves';

/**
 * Whatever happens to a storage, a job has its own result, and soon; what it leaves is there in the end, or says why it is not; and no node
 * stays (L14, I2).
 */
export function describeStorageTrouble(name: string, pick: (container: SwiftContainer) => Settings): void {
  optionalService('Swift', swiftMissing())(`${name} in trouble`, () => {
    let swift: SwiftServer;
    let settings: Settings;
    let folder: string;
    let controller: ControllerProcess;

    beforeAll(async () => {
      swift = await startSwift();
    });
    afterAll(() => swift.stop());

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'footman-trouble-'));
      settings = pick(await swift.newContainer());
    });
    afterEach(async () => {
      await controller.stop();
      await rm(folder, { recursive: true, force: true });
    });

    describe('that answers with', () => {
      let proxy: TroubledProxy;

      beforeEach(async () => {
        proxy = await startTroubledProxy(swift.url);
      });
      afterEach(() => proxy.close());

      test('503 for a while is asked again, and the job’s log says so', async () => {
        await start({ artifacts: '10m' }, through(proxy));
        proxy.trouble = (asked) => (isUpload(asked) ? 503 : undefined);
        const build = await controller.api.submit(SMALL);
        await controller.api.event((event) => isArtifact(event, 'collecting'));
        const log = stepNamed(await controller.api.build(build.id), COLLECT).id;
        await controller.api.logged(log, 'out: the storage answered 503; it is tried again\n');
        proxy.trouble = () => undefined;
        await isComplete(build.id, 4);
        await controller.api.drained();
      });

      test.each([507, 413])(
        '%i, since it is full, is waited for until others have removed something',
        async (status) => {
          await start({ artifacts: '3s' }, through(proxy));
          proxy.trouble = (asked) => (isUpload(asked) ? status : undefined);
          const { id } = await controller.api.submit(SMALL);
          const { data } = await controller.api.event((event) => isArtifact(event, 'waiting'));
          expect(data['reason']).toBe(
            `the time for artifacts was up, since the storage is full, it answered ${status}`,
          );
          expect(await controller.api.finished(id)).toMatchObject({ result: 'success' });
          proxy.trouble = () => undefined;
          await isComplete(id, 4);
          await controller.api.drained();
        },
      );

      test('500 to the controller alone, when all files are there already, is waited for, too', async () => {
        await start({ artifacts: '10m' }, through(proxy));
        proxy.trouble = ({ method, path }) =>
          method === 'PUT' && path.includes('manifest.json') ? 500 : undefined;
        const { id } = await controller.api.submit(SMALL);
        const { data } = await controller.api.event((event) => isArtifact(event, 'waiting'));
        expect(data['reason']).toMatch(/^the storage fails: .*500/);
        proxy.trouble = () => undefined;
        await isComplete(id, 4);
        await controller.api.drained();
      });
    });

    test('whose credentials are wrong loses nothing: the artifact waits until the controller has good ones', async () => {
      const wrong = blobsSection(settings).env;
      const right = { ...wrong };
      for (const variable of Object.keys(wrong)) if (variable.endsWith('_KEY')) wrong[variable] = 'wrong';
      await start({ artifacts: '10m' }, settings, wrong);
      const { id } = await controller.api.submit(SMALL);
      const { data } = await controller.api.event((event) => isArtifact(event, 'waiting'));
      expect(data['reason']).toMatch(/the storage (refuses|answered 403)/);
      expect(await controller.api.finished(id)).toMatchObject({ result: 'success' });
      await controller.stop();
      Object.assign(wrong, right);
      await controller.start();
      await isComplete(id, 4);
      await controller.api.drained();
    });

    describe('that is killed while a large file is on its way', () => {
      test('gets the rest when it is back, though the controller was killed, too', async () => {
        await start({ artifacts: '3s' });
        const id = await killedInUpload();
        const build = await controller.api.finished(id);
        expect(build).toMatchObject({ result: 'failure', jobs: [{ artifacts: [{ state: 'waiting' }] }] });
        const { nodes } = await controller.api.get<{ nodes: object[] }>('/nodes');
        expect(nodes).toMatchObject([{ state: 'uploading', job: '1/make' }]);
        await controller.kill();
        await swift.start();
        await controller.start();
        await isComplete(id, 1);
        const [sum] = (await controller.api.log(stepNamed(build, 'make').id)).split(' ');
        expect(await digestOf(build)).toBe(sum);
        await controller.api.drained();
      });

      test('and comes too late has nothing of it, the artifact says why, and its node is gone', async () => {
        await start({ artifacts: '3s', uploads: '5s' });
        const id = await killedInUpload();
        const { data } = await controller.api.event((event) => isArtifact(event, 'failed'));
        expect(data['reason']).toMatch(/^it could not be stored in time: .*storage/);
        expect(await controller.api.finished(id)).toMatchObject({ result: 'failure' });
        const { nodes } = await controller.api.drained();
        for (const node of nodes) expect(await processesOfNode(node.id)).toEqual([]);
        await swift.start();
        // What could not be given up while it was down is, now.
        await controller.stop();
        await controller.start();
        const blobs = await open();
        while ((await Array.fromAsync(blobs.uploads.list('', never))).length > 0) await setImmediate();
        expect(await Array.fromAsync(blobs.list('artifacts/', never))).toEqual([]);
      });
    });

    async function start(
      timeouts: { artifacts: string; uploads?: string },
      blobs: Settings = settings,
      env = blobsSection(blobs).env,
    ): Promise<void> {
      const { artifacts, uploads = '1h' } = timeouts;
      const configuration = `
${blobsSection(blobs).yaml}
timeouts: { artifacts: ${artifacts}, uploads: ${uploads} }
${CLOUDS}
`;
      controller = await startControllerProcess({ folder, configuration, env });
    }

    function through({ url }: TroubledProxy): Settings {
      if (settings.kind === 's3') return { ...settings, endpoint: url };
      return { ...settings, auth: { ...settings.auth, url: `${url}/auth/v1.0` } };
    }

    function open(): Promise<Blobs> {
      return openBlobs(settings, { secret: 'for no request' });
    }

    /** A build whose artifact is on its way, some parts of it being there already. */
    async function killedInUpload(): Promise<string> {
      const blobs = await open();
      const { id } = await controller.api.submit(LARGE);
      await controller.api.event((event) => isArtifact(event, 'collecting'));
      const { artifacts } = (await controller.api.build(id)).jobs[0] ?? {};
      while (!(await hasParts(blobs, `artifacts/${artifacts?.[0]?.id}/`))) await setImmediate();
      await swift.kill();
      return id;
    }

    async function isComplete(id: string, files: number): Promise<void> {
      await controller.api.event((event) => isArtifact(event, 'complete'));
      const build = await controller.api.finished(id);
      expect(build.jobs).toMatchObject([{ artifacts: [{ state: 'complete', files, reason: null }] }]);
    }

    async function digestOf(build: BuildView): Promise<string> {
      const { artifacts } = build.jobs[0] ?? {};
      const blobs = await open();
      const keys = (await Array.fromAsync(blobs.list(`artifacts/${artifacts?.[0]?.id}/`, never))).map(
        ({ key }) => key,
      );
      const file = keys.find((key) => !/\/(manifest\.json|SHA256SUMS)$/.test(key)) ?? '';
      const hash = createHash('sha256');
      for await (const piece of (await blobs.get(file, {}, never)).stream) hash.update(piece as Buffer);
      return hash.digest('hex');
    }
  });
}

async function hasParts(blobs: Blobs, prefix: string): Promise<boolean> {
  const [upload] = await Array.fromAsync(blobs.uploads.list(prefix, never));
  if (upload === undefined) return false;
  const shape = { bytes: 160_000_000, partBytes: 16 * 1024 * 1024 };
  return (await blobs.uploads.parts({ ...upload, ...shape }, never)).length > 0;
}

function isArtifact({ kind, data }: EventView, state: string): boolean {
  return kind === 'artifact' && data.state === state;
}

/** Of a file, by the agent. */
function isUpload({ method, path }: Asked): boolean {
  return method === 'PUT' && /\/artifacts\/[^/]+\/[0-9a-f]{64}/.test(path);
}
