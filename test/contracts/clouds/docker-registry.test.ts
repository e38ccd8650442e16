import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Cloud, CloudContext } from '#controller/clouds';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { openDockerFixture, packAgent, type DockerCloudFixture } from '#test/docker-cloud-fixture';
import { openImageRegistry, type ImageRegistry } from '#test/image-registry';
import { optionalService } from '#test/optional';

const MAKE_IMAGE = fileURLToPath(new URL('../../../scripts/make-image.sh', import.meta.url));
const PASSWORD = 'correct horse battery staple';

optionalService('Docker Engine', dockerMissing())('images from a private registry', () => {
  let engine: TestEngine;
  let folder: string;
  let runtime: CloudContext['runtime'];
  let registry: ImageRegistry;
  let fixture: DockerCloudFixture;
  let serial = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-registry-'));
    runtime = await packAgent(folder);
    engine = await startEngine();
    await writeFile(join(folder, 'password'), `${PASSWORD}\n`);
  });

  afterAll(async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    const { stdout } = await promisify(execFile)(MAKE_IMAGE, ['busybox']);
    registry = await openImageRegistry(stdout.trim(), { username: 'ci', password: PASSWORD });
    fixture = await openDockerFixture(engine, runtime, { image: registry.image });
  });

  afterEach(async () => {
    await fixture.dispose();
    await registry.close();
    await engine.docker
      .getImage(registry.image)
      .remove({ force: true })
      .catch(() => {});
  });

  test('are pulled with the password of a file, once', async () => {
    const cloud = await withLogin({ 'password-file': join(folder, 'password') });
    await launched(cloud, 'missing');
    const before = registry.manifests();
    expect(before).toBeGreaterThan(0);
    await launched(cloud, 'missing');
    expect(registry.manifests()).toBe(before);
  });

  test('are asked for at each launch under pull: always', async () => {
    const cloud = await withLogin({ 'password-file': join(folder, 'password') });
    await launched(cloud, 'always');
    const before = registry.manifests();
    await launched(cloud, 'always');
    expect(registry.manifests()).toBeGreaterThan(before);
  });

  test('are refused to a stranger, with a hint', async () => {
    await expect(launch(fixture.cloud, 'missing')).rejects.toMatchObject({
      code: 'cloud-refused',
      hint: expect.stringContaining('registries'),
    });
  });

  test('are refused to who has the wrong password, which nobody is shown', async () => {
    await writeFile(join(folder, 'wrong'), 'sesame-open');
    const cloud = await withLogin({ 'password-file': join(folder, 'wrong') });
    const error: unknown = await launch(cloud, 'missing').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'cloud-refused' });
    expect(String(error)).not.toContain('sesame');
  });

  test('are not waited for by a caller who gave up', async () => {
    const cloud = await withLogin({ 'password-file': join(folder, 'password') });
    const asked = registry.hold();
    const caller = new AbortController();
    const launching = launch(cloud, 'missing', caller.signal);
    await asked;
    caller.abort(new Error('no longer needed'));
    await expect(launching).rejects.toThrow('no longer needed');
  });

  function withLogin(password: object): Promise<Cloud> {
    return fixture.openWith({ registries: { [registry.host]: { username: 'ci', ...password } } });
  }

  async function launched(cloud: Cloud, pull: string): Promise<void> {
    await launch(cloud, pull);
    await fixture.dialIn.arrived(`n-${serial}`);
  }

  function launch(cloud: Cloud, pull: string, signal = new AbortController().signal) {
    const node = `n-${++serial}`;
    const template = fixture.templateOf({ image: registry.image, pull, network: 'none' });
    const bootstrap = fixture.dialIn.bootstrap(node);
    return cloud.launch({ node: { id: node, resource: null }, template, host: null, bootstrap }, signal);
  }
});
