import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { CloudContext } from '#controller/clouds';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { openDockerFixture, packAgent, type DockerCloudFixture } from '#test/docker-cloud-fixture';
import { textsIn } from '#test/docker-image-texts';
import { optionalService } from '#test/optional';
import { imagesContract, type ImagesFixture } from './images-suite.ts';

optionalService('Docker Engine', dockerMissing())('captured on a Docker Engine', () => {
  let engine: TestEngine;
  let folder: string;
  let runtime: CloudContext['runtime'];
  let image: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-images-'));
    runtime = await packAgent(folder);
    engine = await startEngine();
    image = await engine.image('busybox');
  });

  afterAll(async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });

  imagesContract('docker', async () =>
    withFiles(await openDockerFixture(engine, runtime, { image, network: 'none' })),
  );

  function withFiles(fixture: DockerCloudFixture): ImagesFixture<unknown> {
    const run = (node: string, script: string) => fixture.dialIn.run(node, script);
    return {
      ...fixture,
      async keep(node, text) {
        await run(node, `mkdir -p /etc; echo '${text}' >/etc/kept; echo done`);
      },
      kept: (node) => run(node, 'cat /etc/kept'),
      async litter(node, text) {
        const left = ['/footman/left', '/tmp/.left', '/root/.ash_history', '/run/left', '/opt/deleted'];
        const write = left.map((path) => `mkdir -p $(dirname ${path}); echo '${text}' >${path}`).join('; ');
        await run(node, `${write}; rm /opt/deleted; echo done`);
      },
      identity: async (node) => [await run(node, 'hostname')],
      secretsIn: (made, texts) => textsIn(engine.docker, made.image, texts),
    };
  }
});
