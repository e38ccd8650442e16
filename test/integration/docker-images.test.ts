import jwt from 'jsonwebtoken';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ImageStreamList, ImageVersion } from '#controller/api';
import type { BuildView } from '#test/api-client';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { textsIn } from '#test/docker-image-texts';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';
import { stepNamed } from '#test/pipelines';
import { mountSmallDisk, type SmallDisk } from '#test/small-disk';

const SECRET = 'secret-of-the-project';
const WORKSPACE = 'text-of-the-workspace';
const KEPT = 'what-the-image-is-for';
const CONTENT_MIB = 80;
/** Room for the runtime and some contents. */
const DISK_MIB = 650;

optionalService('Docker Engine', dockerMissing())('images that jobs make on a Docker Engine', () => {
  let disk: SmallDisk;
  let engine: TestEngine;
  let controller: EmbeddedController;

  beforeAll(async () => {
    disk = await mountSmallDisk(DISK_MIB);
    engine = await startEngine({ arguments: [disk.argument] });
    const image = await engine.image('busybox');
    controller = await startEmbeddedController(`
teardown: { max-stopped: 0, min-free-disk: 0, min-free-memory: 0 }
clouds:
  docker:
    kind: docker
    host: ${engine.host}
    templates:
      plain: { labels: plain, image: '${image}', pull: never, network: none }
      based: { labels: based, stream: base, pull: never, network: none }
`);
    await controller.api.put('/secrets/PASSWORD', { value: SECRET, scope: 'controller' });
    expect(await make()).toMatchObject({ result: 'success' });
  });

  afterEach(async () => {
    const user = await build(
      'jobs: { use: { runs-on: based, steps: [{ name: show, run: "cat /opt/kept; sha256sum -c /opt/sum" }] } }',
    );
    expect(user).toMatchObject({ result: 'success' });
    expect(await controller.api.log(stepNamed(user, 'show').id)).toBe(`${KEPT}\n/opt/content: OK\n`);
    const current = await controller.api.get<ImageVersion>(`/images/versions/${await currentOf()}`);
    expect(current).toMatchObject({ state: 'ready', bad: false, verifyJob: expect.any(String) });
    await controller.api.drained();
    expect(await engine.docker.listContainers({ all: true })).toEqual([]);
    await expect.poll(imagesMade, { timeout: 20_000 }).toEqual(await versionsThatStay());
  });

  afterAll(async () => {
    await controller.dispose();
    await engine.stop();
    await disk.dispose();
  });

  test('have what the job did, and no secret, token or text of its workspace in any layer', async () => {
    const { image } = await controller.api.get<ImageVersion>('/images/versions/base-1.docker');
    // Tokens of agents begin alike, whatever they are for.
    const [token = ''] = jwt.sign({}, 'any key').split('.');
    const texts = [KEPT, SECRET, WORKSPACE, token];
    expect(await textsIn(engine.docker, image ?? '', texts)).toEqual([KEPT]);
  });

  test('are made again after the engine was killed in the middle of the commit', async () => {
    const { id } = await controller.api.submit(PIPELINE);
    await controller.api.event(
      ({ kind, data: { state, ...of } }) => kind === 'image' && state === 'capturing' && of['number'] === 2,
    );
    await expect.poll(disk.layersInMaking, { interval: 5, timeout: 30_000 }).not.toEqual([]);
    await engine.kill();
    await engine.resume();
    const made = await controller.api.finished(id);
    expect(made).toMatchObject({ result: 'success' });
    expect(await currentOf()).toBe('base-2.docker');
  });

  test('are not made on a disk that is full: the build says so, and the one before stays', async () => {
    const before = await currentOf();
    const empty = await disk.fill(1.5 * CONTENT_MIB);
    const broken = await make();
    await empty();
    const reason = expect.stringContaining('has no room left on its disk for the image');
    expect(broken).toMatchObject({ result: 'errored', jobs: [{ reason }] });
    expect(await controller.api.log(stepNamed(broken, 'keep').id)).toContain('no room left');
    expect(await currentOf()).toBe(before);
  });

  const PIPELINE = `
jobs:
  make:
    runs-on: plain
    steps:
      - run: |
          mkdir -p /opt /tmp /run /root
          echo ${KEPT} >/opt/kept
          dd if=/dev/urandom of=/opt/content bs=1M count=${CONTENT_MIB} 2>/dev/null
          sha256sum /opt/content >/opt/sum
      - env: { PASSWORD: "\${{ secrets.PASSWORD }}" }
        run: |
          for file in here /tmp/left /run/left /root/.ash_history /opt/deleted; do
            echo "${WORKSPACE} $PASSWORD" >$file
          done
          rm /opt/deleted
    post:
      success:
        - { name: keep, snapshot: { stream: base, verify: [{ run: sha256sum -c /opt/sum }] } }
`;

  function make(): Promise<BuildView> {
    return build(PIPELINE);
  }

  async function build(pipeline: string): Promise<BuildView> {
    const { id } = await controller.api.submit(pipeline);
    return controller.api.finished(id);
  }

  async function currentOf(): Promise<string> {
    const { streams } = await controller.api.get<ImageStreamList>('/images');
    return streams[0]?.current?.name ?? '';
  }

  async function versionsThatStay(): Promise<string[]> {
    const { versions } = await controller.api.get<{ versions: ImageVersion[] }>(
      '/images/versions?state=ready',
    );
    return versions.map(({ name }) => name).toSorted();
  }

  /** Images of versions, also those that have no name yet. */
  async function imagesMade(): Promise<string[]> {
    const images = await engine.docker.listImages({ filters: { label: ['footman.image'] } });
    return images.map(({ RepoTags }) => RepoTags?.[0]?.split(':')[1] ?? 'unnamed').toSorted();
  }
});
