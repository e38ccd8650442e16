import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { CloudContext } from '#controller/clouds';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { openDockerFixture, packAgent, type DockerCloudFixture } from '#test/docker-cloud-fixture';
import { optionalService } from '#test/optional';

const never = new AbortController().signal;

optionalService('Docker Engine', dockerMissing())('containers of the docker cloud', () => {
  let engine: TestEngine;
  let folder: string;
  let runtime: CloudContext['runtime'];
  let image: string;
  let debian: string;
  let fixture: DockerCloudFixture;
  let serial = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-containers-'));
    runtime = await packAgent(folder);
    engine = await startEngine();
    image = await engine.image('busybox');
    debian = await engine.image('debian');
  }, 600_000);

  afterAll(async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    fixture = await openDockerFixture(engine, runtime, { image, network: 'none' });
  });

  afterEach(() => fixture.dispose());

  test('run in an image of Debian, with its programs', async () => {
    const node = await launched({ image: debian });
    expect(await fixture.dialIn.run(node, 'echo $(git --version), node $(node --version)')).toMatch(
      /^git version 2\..*, node v26\./,
    );
  });

  test('run as the user of the template, who can write to the agent’s folder', async () => {
    await openSocketToAll();
    const node = await launched({ user: '1234:1234' });
    expect(await fixture.dialIn.run(node, 'touch /footman/agent/mine && echo $(id -u)')).toBe('1234\n');
  });

  test('run as the user of the image', async () => {
    await openSocketToAll();
    const base = await engine.docker.createContainer({ Image: image, Cmd: ['sh'] });
    await base.commit({ repo: 'footman/user', tag: 'test', changes: 'USER 4321' });
    onTestFinished(() => engine.docker.getImage('footman/user:test').remove({ force: true }));
    const node = await launched({ image: 'footman/user:test' });
    expect(await fixture.dialIn.run(node, 'touch /footman/agent/mine && echo $(id -u)')).toBe('4321\n');
  });

  test('have the limits of their template', async () => {
    const node = await launched({
      memory: '256MiB',
      cpus: 0.5,
      pids: 77,
      'shm-size': '1MiB',
      tmpfs: { '/fast': '8MiB' },
    });
    expect((await inspect(node)).HostConfig).toMatchObject({
      Memory: 256 * 2 ** 20,
      MemorySwap: 256 * 2 ** 20,
      NanoCpus: 5e8,
      PidsLimit: 77,
      ShmSize: 2 ** 20,
    });
    expect(await fixture.dialIn.run(node, 'df -k /fast | tail -n 1')).toMatch(/ 8192 /);
  });

  test('gain no privileges, and have what the template drops and adds', async () => {
    const node = await launched({ capabilities: { drop: ['ALL'], add: ['CHOWN'] }, 'read-only': true });
    const script =
      'echo $(grep -E "CapEff|NoNewPrivs" /proc/self/status) $(touch /x 2>/dev/null || echo refused) $(touch /footman/x && echo written)';
    expect(await fixture.dialIn.run(node, script)).toMatch(
      /^CapEff:\s+0000000000000001 NoNewPrivs:\s+1 refused written$/m,
    );
    expect((await inspect(node)).HostConfig).toMatchObject({ Privileged: false, NetworkMode: 'none' });
  });

  test('reap what steps leave behind', async () => {
    const node = await launched({});
    const script =
      '(sleep 0.1 & echo $! > /pid); while [ -d /proc/$(cat /pid) ]; do sleep 0.05; done; echo reaped';
    expect(await fixture.dialIn.run(node, script)).toBe('reaped\n');
  });

  test('keep the agent’s folder out of what an image of them would hold', async () => {
    const node = await launched({});
    await fixture.dialIn.run(node, 'touch /kept /footman/secret /run/footman/x; echo done');
    const changed = (await engine.docker.getContainer(`footman-${node}`).changes()) as { Path: string }[];
    const paths = changed.map(({ Path }) => Path);
    expect(paths).toContain('/kept');
    expect(paths.filter((path) => /^\/(footman|opt\/footman|run\/footman)\//.test(path))).toEqual([]);
  });

  test('give the last words of an agent that was killed from outside, and go when removed', async () => {
    const node = await launched({});
    // The first process of the container, whose output is the container's.
    const script =
      'exec 3>/proc/1/fd/2; yes "not the end" | head -n 9000 >&3; echo "the end ✓" >&3; echo done';
    await fixture.dialIn.run(node, script);
    await engine.docker.getContainer(`footman-${node}`).kill();
    await fixture.dialIn.left(node);
    const reference = { id: node, resource: null };
    const words = (await fixture.cloud.console(reference, never)) ?? '';
    expect(words.trimEnd().endsWith('the end ✓')).toBe(true);
    expect(Buffer.byteLength(words)).toBeLessThanOrEqual(64 * 1024);
    await fixture.cloud.remove(reference, never);
    expect(await fixture.remains(node)).toEqual([]);
    expect(await fixture.cloud.console(reference, never)).toBeNull();
  });

  test('go with their volumes when somebody else removed the container alone', async () => {
    const node = await launched({});
    await engine.docker.getContainer(`footman-${node}`).remove({ force: true });
    const listed = await Array.fromAsync(fixture.cloud.list(never));
    expect(listed).toMatchObject([{ nodeId: node, kind: 'volume' }]);
    await fixture.cloud.remove({ id: node, resource: null }, never);
    expect(await fixture.remains(node)).toEqual([]);
  });

  test('get their runtime again after somebody pruned the volumes', async () => {
    const first = await launched({});
    await fixture.cloud.remove({ id: first, resource: null }, never);
    await removeRuntimeVolumes();
    await launched({});
  });

  test('never run from a volume that a dying controller filled by half', async () => {
    const { digest } = await runtime(never);
    await removeRuntimeVolumes();
    await engine.docker.createVolume({
      Name: `footman-runtime-${digest}`,
      Labels: { 'footman.runtime': digest },
    });
    await launched({});
  });

  test('start twenty at once from an engine that has no runtime yet', async () => {
    await removeRuntimeVolumes();
    await Promise.all(Array.from({ length: 20 }, () => launched({})));
    const { Volumes } = await engine.docker.listVolumes({ filters: { label: ['footman.runtime'] } });
    expect(Volumes).toHaveLength(1);
  });

  test('are refused by a name that is somebody else’s', async () => {
    const node = newNode();
    await engine.docker.createContainer({ name: `footman-${node}`, Image: image, Cmd: ['sh'] });
    await expect(launch(node, {})).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining('not this controller'),
    });
  });

  test('are refused without an image, with the reason', async () => {
    await expect(launch(newNode(), { image: 'nowhere/none:1', pull: 'never' })).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining('there is no image nowhere/none:1'),
    });
  });

  test('keep the image that they were made from when its tag moves on', async () => {
    const tag = 'footman/moving:test';
    const template = fixture.templateOf({ image: tag, network: 'none' });
    expect(await fixture.cloud.currentImage?.(template, never)).toBeNull();
    const base = await engine.docker.createContainer({ Image: image, Cmd: ['sh'] });
    onTestFinished(() => engine.docker.getImage(tag).remove({ force: true }));
    await base.commit({ repo: 'footman/moving', tag: 'test', comment: 'first' });
    const node = newNode();
    const first = await launch(node, { image: tag });
    expect(await fixture.cloud.currentImage?.(template, never)).toBe(first.image);
    await base.commit({ repo: 'footman/moving', tag: 'test', changes: 'LABEL second=true' });
    const now = await fixture.cloud.currentImage?.(template, never);
    expect(now).not.toBe(first.image);
    expect((await launch(newNode(), { image: tag })).image).toBe(now);
    expect((await launch(node, { image: tag })).image).toBe(first.image);
  });

  test('are refused on a network that is not there', async () => {
    await expect(launch(newNode(), { network: 'no-such' })).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining('no-such'),
    });
  });

  function newNode(): string {
    return `n-${process.pid}-${++serial}`;
  }

  async function launched(template: object): Promise<string> {
    const node = newNode();
    await launch(node, template);
    await fixture.dialIn.arrived(node);
    return node;
  }

  function launch(node: string, template: object) {
    const given = fixture.templateOf({ image, network: 'none', ...template });
    const bootstrap = fixture.dialIn.bootstrap(node);
    return fixture.cloud.launch(
      { node: { id: node, resource: null }, template: given, host: null, bootstrap },
      never,
    );
  }

  function inspect(node: string) {
    return engine.docker.getContainer(`footman-${node}`).inspect();
  }

  async function removeRuntimeVolumes(): Promise<void> {
    const { Volumes } = await engine.docker.listVolumes({ filters: { label: ['footman.runtime'] } });
    await Promise.all(Volumes.map(({ Name }) => engine.docker.getVolume(Name).remove()));
  }

  /** As the gateway does: agents of any user may connect. */
  async function openSocketToAll(): Promise<void> {
    const { socketFolder, socketName } = fixture.dialIn.endpoints;
    await chmod(socketFolder, 0o711);
    await chmod(join(socketFolder, socketName), 0o666);
  }
});
