import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Cloud, CloudContext } from '#controller/clouds';
import { makeCertificates } from '#test/certificates';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { openDockerFixture, packAgent, type DockerCloudFixture } from '#test/docker-cloud-fixture';
import { optionalService } from '#test/optional';
import { freePort } from '#test/ports';

const never = new AbortController().signal;

optionalService('Docker Engine', dockerMissing())('ways to a Docker Engine', () => {
  let engine: TestEngine;
  let folder: string;
  let runtime: CloudContext['runtime'];
  let image: string;
  let tcp: string;
  let fixture: DockerCloudFixture;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-engine-'));
    runtime = await packAgent(folder);
    await makeCertificates(folder);
    tcp = `127.0.0.1:${await freePort()}`;
    const tls = [
      `--tlscacert=${at('ca.pem')}`,
      `--tlscert=${at('server.pem')}`,
      `--tlskey=${at('server.key')}`,
    ];
    engine = await startEngine({ arguments: [`--host=tcp://${tcp}`, '--tlsverify', ...tls] });
    image = await engine.image('busybox');
  });

  afterAll(async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    fixture = await openDockerFixture(engine, runtime, { image });
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await fixture.dispose();
  });

  test('TCP with TLS: a node is launched, dials the public URL, and is removed', async () => {
    const cloud = await overTls('client', 'http://controller.example:8080');
    const dialled = await launch(cloud, 'over-tls');
    expect(dialled).toBe('http://controller.example:8080');
    expect(await nodesOf(cloud)).toEqual(['over-tls']);
    await cloud.remove({ id: 'over-tls', resource: null }, never);
    expect(await nodesOf(cloud)).toEqual([]);
  });

  test('TCP with TLS: without a public URL the launch is refused with a hint', async () => {
    await expect(launch(await overTls('client', null), 'lost')).rejects.toMatchObject({
      code: 'cloud-refused',
      hint: expect.stringContaining('public-url'),
    });
  });

  test('TCP with TLS: an engine that another authority signed is not trusted', async () => {
    const cloud = await overTls('client', null, 'other-ca.pem');
    await expect(nodesOf(cloud)).rejects.toMatchObject({
      code: 'cloud-refused',
      hint: expect.stringContaining('tls'),
    });
  });

  test('TCP with TLS: a certificate that the engine doesn’t take is refused', async () => {
    await expect(nodesOf(await overTls('stranger', null))).rejects.toMatchObject({
      code: expect.stringMatching(/^cloud-(refused|unavailable)$/),
    });
  });

  test('SSH: a node is launched and removed through the ssh program', async () => {
    await putSshOnPath(`require('node:net').connect(${JSON.stringify(engine.host.slice('unix://'.length))})`);
    const cloud = await fixture.openWith(
      { host: 'ssh://ci@builder.example:2222' },
      'http://controller.example',
    );
    await launch(cloud, 'over-ssh');
    expect(await nodesOf(cloud)).toEqual(['over-ssh']);
    await cloud.remove({ id: 'over-ssh', resource: null }, never);
    expect(await nodesOf(cloud)).toEqual([]);
    await cloud.close();
  });

  test('SSH: what ssh complains of is shown', async () => {
    await putSshOnPath(`(process.stderr.write('Host key verification failed.\\n'), process.exit(255))`);
    const cloud = await fixture.openWith({ host: 'ssh://builder.example' });
    await expect(nodesOf(cloud)).rejects.toMatchObject({
      code: 'cloud-refused',
      message: expect.stringContaining('Host key verification failed'),
      hint: expect.stringContaining('ssh'),
    });
  });

  test('an engine that is not there is named, with a hint, and opening its cloud does not fail', async () => {
    const cloud = await fixture.openWith({ host: 'unix:///nowhere/docker.sock' });
    await expect(nodesOf(cloud)).rejects.toMatchObject({
      code: 'cloud-unavailable',
      message: 'the Docker Engine at unix:///nowhere/docker.sock is not there',
      hint: expect.stringContaining('dockerd'),
    });
    await expect(launch(cloud, 'lost')).rejects.toMatchObject({ code: 'cloud-unavailable' });
    const nobody = await fixture.openWith({ host: `tcp://127.0.0.1:${await freePort()}` });
    await expect(nodesOf(nobody)).rejects.toMatchObject({
      code: 'cloud-unavailable',
      message: expect.stringContaining('refuses connections'),
    });
  });

  test('what DOCKER_HOST says counts for nothing', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
    expect(await nodesOf(await fixture.openWith({}))).toEqual([]);
  });

  /** Resolves with the endpoint that the agent is told. */
  async function launch(cloud: Cloud, node: string): Promise<string> {
    let endpoint = '';
    const template = fixture.templateOf({ image, network: 'none' });
    const bootstrap: Parameters<Cloud['launch']>[0]['bootstrap'] = (choice) => {
      ({ endpoint } = choice);
      return { node, token: 'token', ...choice };
    };
    await cloud.launch({ node: { id: node, resource: null }, template, host: null, bootstrap }, never);
    return endpoint;
  }

  function overTls(client: string, url: string | null, ca = 'ca.pem'): Promise<Cloud> {
    const tls = { ca: at(ca), cert: at(`${client}.pem`), key: at(`${client}.key`) };
    return fixture.openWith({ host: `tcp://${tcp}`, tls }, url);
  }

  /** In the place of ssh, a program that checks what it was called with, and then copies both ways. */
  async function putSshOnPath(connection: string): Promise<void> {
    const script = `#!${process.execPath}
const called = process.argv.slice(2).join(' ');
if (!/-oBatchMode=yes .*-- builder\\.example docker system dial-stdio$/.test(called)) process.exit(1);
const peer = ${connection};
process.stdin.pipe(peer).pipe(process.stdout);
`;
    await writeFile(at('ssh'), script);
    await chmod(at('ssh'), 0o755);
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`);
  }

  function at(name: string): string {
    return join(folder, name);
  }
});

async function nodesOf(cloud: Cloud): Promise<string[]> {
  const listed = await Array.fromAsync(cloud.list(never));
  return [...new Set(listed.map(({ nodeId }) => nodeId))];
}
