import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CapturedImage, CloudContext, CloudImages } from '#controller/clouds';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { openDockerFixture, packAgent, type DockerCloudFixture } from '#test/docker-cloud-fixture';
import { optionalService } from '#test/optional';

const never = new AbortController().signal;
const run = promisify(execFile);
const CONTENT_MIB = 80;
/** Room for the runtime and one content, and then some. */
const DISK_MIB = 550;

optionalService('Docker Engine', dockerMissing())('captures on a Docker Engine that fails', () => {
  let folder: string;
  let data: string;
  let engine: TestEngine;
  let fixture: DockerCloudFixture;
  let images: CloudImages;
  let node: string;
  let serial = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-faults-'));
    data = join(folder, 'data');
    await mkdir(data);
    await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', data]);
    const runtime: CloudContext['runtime'] = await packAgent(folder);
    engine = await startEngine({ arguments: [`--data-root=${data}`] });
    const image = await engine.image('busybox');
    fixture = await openDockerFixture(engine, runtime, { image, network: 'none' });
    if (fixture.cloud.images === undefined) throw new Error('the cloud has no images');
    ({ images } = fixture.cloud);
  });

  afterAll(async () => {
    await fixture.dispose();
    await engine.stop();
    await run('umount', ['--lazy', data]);
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    node = await launched();
    const write = `dd if=/dev/urandom of=/content bs=1M count=${CONTENT_MIB} 2>/dev/null`;
    expect(await fixture.dialIn.run(node, `${write}; sha256sum /content >/sum; echo done`)).toBe('done\n');
  });

  afterEach(() => engine.clear());

  test('are made anew after the engine was killed in their middle', async () => {
    const capturing = capture();
    const outcome = capturing.catch((error: unknown) => error);
    await expect.poll(layersInMaking, { interval: 5, timeout: 30_000 }).not.toEqual([]);
    await engine.kill();
    expect(await outcome).toMatchObject({ code: 'cloud-unavailable' });
    await engine.resume();
    expect(await images.find('v-1', never)).toBeNull();
    await capture();
    await expectContent();
  });

  test('wait for room on a disk that is full, and leave nothing there', async () => {
    const filler = join(data, 'filler');
    await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M']).catch(() => undefined);
    await run('truncate', ['--size=-40M', filler]);
    await expect(capture()).rejects.toMatchObject({
      code: 'cloud-aborted',
      message: expect.stringContaining('has no room left on its disk for the image'),
    });
    expect(await images.find('v-1', never)).toBeNull();
    await rm(filler);
    await capture();
    await expectContent();
  });

  function capture(): Promise<CapturedImage> {
    return images.capture({ id: node, resource: null }, 'v-1', never);
  }

  /** What the engine writes layers to, before they get their names. */
  async function layersInMaking(): Promise<string[]> {
    const drivers = await readdir(join(data, 'image'));
    const folders = await Promise.all(
      drivers.map((driver) => readdir(join(data, 'image', driver, 'layerdb/tmp')).catch(() => [])),
    );
    return folders.flat();
  }

  async function expectContent(): Promise<void> {
    await fixture.cloud.remove({ id: node, resource: null }, never);
    const next = await launched('v-1');
    expect(await fixture.dialIn.run(next, 'sha256sum -c /sum')).toContain('/content: OK');
  }

  async function launched(image?: string): Promise<string> {
    const id = `n-${process.pid}-${++serial}`;
    const bootstrap = fixture.dialIn.bootstrap(id);
    const launch = { node: { id, resource: null }, template: fixture.template, host: null, bootstrap };
    await fixture.cloud.launch({ ...launch, ...(image !== undefined && { image }) }, never);
    await fixture.dialIn.arrived(id);
    return id;
  }
});
