import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CloudContext, CloudImages } from '#controller/clouds';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { openDockerFixture, packAgent, type DockerCloudFixture } from '#test/docker-cloud-fixture';
import { optionalService } from '#test/optional';

const never = new AbortController().signal;

optionalService('Docker Engine', dockerMissing())('nodes that are captured on a Docker Engine', () => {
  let engine: TestEngine;
  let folder: string;
  let runtime: CloudContext['runtime'];
  let image: string;
  let fixture: DockerCloudFixture;
  let images: CloudImages;
  let serial = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-captured-'));
    runtime = await packAgent(folder);
    engine = await startEngine();
    image = await engine.image('busybox');
  });

  afterAll(async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    fixture = await openDockerFixture(engine, runtime, { image, network: 'none' });
    if (fixture.cloud.images === undefined) throw new Error('the cloud has no images');
    ({ images } = fixture.cloud);
  });

  afterEach(() => fixture.dispose());

  test('give images with the settings of their base, and none of their own', async () => {
    const base = await engine.docker.createContainer({ Image: image, Cmd: ['sh'] });
    const changes = ['ENV KEPT=base', 'CMD ["sh"]', 'WORKDIR /srv', 'LABEL of=base'];
    await base.commit({ repo: 'footman/base', tag: 'test', changes });
    try {
      const environment = { KEPT: 'node', ADDED: 'node' };
      const node = await launched({ image: 'footman/base:test', environment, user: '0' });
      await images.capture({ id: node, resource: null }, 'v-1', never);
      const { Config } = await engine.docker
        .getImage((await images.find('v-1', never))?.image ?? '')
        .inspect();
      expect(Config).toMatchObject({ Cmd: ['sh'], Entrypoint: [], WorkingDir: '/srv' });
      expect(Config.Labels).toMatchObject({ of: 'base', 'footman.image': 'v-1' });
      expect(JSON.stringify(Config)).not.toContain(node);
      const next = await launched({ image: undefined }, 'v-1');
      expect(await fixture.dialIn.run(next, 'echo ${KEPT-unset} ${ADDED-unset}')).toBe('base unset\n');
      await fixture.cloud.remove({ id: next, resource: null }, never);
      await fixture.cloud.remove({ id: node, resource: null }, never);
    } finally {
      await engine.clear();
      await engine.docker.getImage('footman/base:test').remove({ force: true });
    }
  });

  test('are told from containers that people start from their images', async () => {
    const node = await launched({});
    const { image: tag } = await images.capture({ id: node, resource: null }, 'v-1', never);
    await fixture.cloud.remove({ id: node, resource: null }, never);
    const theirs = await engine.docker.createContainer({ Image: tag, Cmd: ['sh'] });
    expect(await Array.fromAsync(fixture.cloud.list(never))).toEqual([]);
    await expect(images.remove('v-1', never)).rejects.toMatchObject({ code: 'cloud-refused' });
    await theirs.remove();
    await images.remove('v-1', never);
    expect(await images.find('v-1', never)).toBeNull();
  });

  test('lose nothing that is mounted', async () => {
    const shared = await mkdtemp(join(folder, 'shared-'));
    await writeFile(join(shared, 'theirs'), 'of everybody');
    await writeFile(join(shared, '.ash_history'), 'of everybody');
    const mounts = ['/tmp/in/shared', '/root', '/run/x'].map((target) => ({
      source: shared,
      target,
      'read-only': false,
    }));
    const node = await launched({ mounts });
    await fixture.dialIn.run(node, 'echo x >/tmp/in/mine; echo done');
    const { image: tag } = await images.capture({ id: node, resource: null }, 'v-1', never);
    expect((await readdir(shared)).toSorted()).toEqual(['.ash_history', 'theirs']);
    const next = await launched({}, 'v-1');
    expect(await fixture.dialIn.run(next, 'echo $(find /tmp /root /run/x)')).toBe(
      '/tmp /tmp/in /tmp/in/shared /root /run/x\n',
    );
    expect(tag).toMatch(/^footman-images-[\da-f]{12}:v-1$/);
  });

  test('write nothing any more once they are cleaned', async () => {
    const node = await launched({});
    const restless =
      'mkdir /tmp; for i in 1 2 3 4; do (while :; do echo x >/tmp/again-$i; done) & done; echo done';
    await fixture.dialIn.run(node, restless);
    await images.capture({ id: node, resource: null }, 'v-1', never);
    const next = await launched({}, 'v-1');
    expect(await fixture.dialIn.run(next, 'echo "$(ls -A /tmp)" end')).toBe(' end\n');
  });

  test('are refused when they ended before they were cleaned', async () => {
    const node = await launched({});
    await fixture.cloud.stop({ id: node, resource: null }, never);
    await expect(images.capture({ id: node, resource: null }, 'v-1', never)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining('ended before its files were cleaned'),
    });
    expect(await Array.fromAsync(images.list(never))).toEqual([]);
  });

  test('are refused when their files can’t be cleaned', async () => {
    const node = await launched({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } });
    const mine = 'mkdir -m 700 -p /tmp/mine/deep; chown 1234 /tmp/mine/deep /tmp/mine; echo done';
    await fixture.dialIn.run(node, mine);
    await expect(images.capture({ id: node, resource: null }, 'v-1', never)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringMatching(/can't be cleaned: .*\/tmp\/mine/),
      hint: expect.stringContaining('DAC_OVERRIDE'),
    });
    expect(await images.find('v-1', never)).toBeNull();
  });

  test('leave no half made image behind, and touch none of others', async () => {
    const node = await launched({});
    const owner = fixture.context.controllerId;
    const halfMade = await commitUntagged(node, { 'footman.image': 'v-1', 'footman.image-of': owner });
    const young = await commitUntagged(node, { 'footman.image': 'v-2', 'footman.image-of': owner });
    const foreign = await commitUntagged(node, { 'footman.image': 'v-1', 'footman.image-of': 'another' });
    await images.capture({ id: node, resource: null }, 'v-1', never);
    expect((await Array.fromAsync(images.list(never))).map(({ name }) => name)).toEqual(['v-1']);
    const ids = new Set((await engine.docker.listImages()).map(({ Id }) => Id));
    expect([halfMade, young, foreign].filter((id) => ids.has(id))).toEqual([young, foreign]);
  });

  test('are refused without an image, and with one that is not there', async () => {
    await expect(launched({ image: undefined })).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining('names no image'),
    });
    await expect(launched({}, 'v-9')).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringMatching(/no image footman-images-\w+:v-9 on the Docker Engine at unix:/),
    });
  });

  test('become images beside those that a file names', async () => {
    const { Id } = await engine.docker.getImage(image).inspect();
    const saved = (await engine.docker.getImage(image).get()) as Readable;
    const imported = await images.import('v-1', saved, never);
    expect(imported.digest).toBe(Id);
    expect((await engine.docker.getImage(image).inspect()).RepoTags.toSorted()).toEqual(
      [image, imported.image].toSorted(),
    );
    await images.remove('v-1', never);
    expect((await engine.docker.getImage(image).inspect()).Id).toBe(Id);
  });

  async function launched(template: object, from?: string): Promise<string> {
    const node = `n-${process.pid}-${++serial}`;
    const given = fixture.templateOf({ image, network: 'none', ...template });
    const launch = { node: { id: node, resource: null }, template: given, host: null };
    const bootstrap = fixture.dialIn.bootstrap(node);
    await fixture.cloud.launch({ ...launch, ...(from !== undefined && { image: from }), bootstrap }, never);
    await fixture.dialIn.arrived(node);
    return node;
  }

  async function commitUntagged(node: string, labels: Record<string, string>): Promise<string> {
    const changes = Object.entries(labels).map(([name, value]) => `LABEL ${name}=${value}`);
    const made = (await engine.docker.getContainer(`footman-${node}`).commit({ changes })) as { Id: string };
    return made.Id;
  }
});
