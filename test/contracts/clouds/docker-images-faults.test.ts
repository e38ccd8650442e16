import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CapturedImage, CloudContext, CloudImages } from '#controller/clouds';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { openDockerFixture, packAgent, type DockerCloudFixture } from '#test/docker-cloud-fixture';
import { optionalService } from '#test/optional';
import { mountSmallDisk, type SmallDisk } from '#test/small-disk';

const never = new AbortController().signal;
const CONTENT_MIB = 80;
/** Room for the runtime and one content, and then some. */
const DISK_MIB = 550;

optionalService('Docker Engine', dockerMissing())('captures on a Docker Engine that fails', () => {
  let folder: string;
  let disk: SmallDisk;
  let engine: TestEngine;
  let fixture: DockerCloudFixture;
  let images: CloudImages;
  let node: string;
  let serial = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-faults-'));
    disk = await mountSmallDisk(DISK_MIB);
    const runtime: CloudContext['runtime'] = await packAgent(folder);
    engine = await startEngine({ arguments: [disk.argument] });
    const image = await engine.image('busybox');
    fixture = await openDockerFixture(engine, runtime, { image, network: 'none' });
    if (fixture.cloud.images === undefined) throw new Error('the cloud has no images');
    ({ images } = fixture.cloud);
  });

  afterAll(async () => {
    await fixture.dispose();
    await engine.stop();
    await disk.dispose();
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
    await expect.poll(disk.layersInMaking, { interval: 5, timeout: 30_000 }).not.toEqual([]);
    await engine.kill();
    expect(await outcome).toMatchObject({ code: 'cloud-unavailable' });
    await engine.resume();
    expect(await images.find('v-1', never)).toBeNull();
    await capture();
    await expectContent();
  });

  test('wait for room on a disk that is full, and leave nothing there', async () => {
    const empty = await disk.fill(40);
    await expect(capture()).rejects.toMatchObject({
      code: 'cloud-aborted',
      message: expect.stringContaining('has no room left on its disk for the image'),
    });
    expect(await images.find('v-1', never)).toBeNull();
    await empty();
    await capture();
    await expectContent();
  });

  function capture(): Promise<CapturedImage> {
    return images.capture({ id: node, resource: null }, 'v-1', never);
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
