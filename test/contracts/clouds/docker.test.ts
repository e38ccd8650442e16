import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { CloudContext } from '#controller/clouds';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { openDockerFixture, packAgent } from '#test/docker-cloud-fixture';
import { optionalService } from '#test/optional';
import { cloudContract } from './suite.ts';

optionalService('Docker Engine', dockerMissing())('on a Docker Engine', () => {
  let engine: TestEngine;
  let folder: string;
  let runtime: CloudContext['runtime'];
  let image: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-contract-'));
    runtime = await packAgent(folder);
    engine = await startEngine();
    image = await engine.image('busybox');
  });

  afterAll(async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });

  cloudContract('docker', () => openDockerFixture(engine, runtime, { image, network: 'none' }));
});
