import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';
import { startSwift, swiftMissing, type SwiftServer } from '#test/swift';

/** A storage that is down keeps no job from ending, and loses nothing without a word (L14). */

const PIPELINE = `
jobs:
  make:
    runs-on: linux
    steps: [{ run: "mkdir out; for i in 1 2 3; do echo $i > out/$i; done" }]
    artifacts: [{ name: out, paths: "out/*" }]
`;

optionalService('Swift', swiftMissing())('a storage that is down when a job ends', () => {
  let swift: SwiftServer;
  let controller: EmbeddedController;

  beforeAll(async () => {
    swift = await startSwift();
  });

  afterAll(() => swift.stop());

  afterEach(async () => {
    await controller.dispose();
    await swift.kill();
    await swift.start();
  });

  test('gets the artifact when it is back: its node keeps it until then', async () => {
    await start('1h');
    await swift.kill();
    const { id } = await controller.api.submit(PIPELINE);
    const build = await controller.api.finished(id);
    expect(build).toMatchObject({ result: 'success', jobs: [{ artifacts: [{ state: 'waiting' }] }] });
    const { nodes } = await controller.api.get<{ nodes: object[] }>('/nodes');
    expect(nodes).toMatchObject([{ state: 'uploading', job: '1/make' }]);

    await swift.start();
    await artifactIs('complete');
    await controller.api.drained();
    const [artifact] = (await controller.api.build(id)).jobs[0]?.artifacts ?? [];
    expect(artifact).toMatchObject({ state: 'complete', files: 3, bytes: 6, reason: null });
    const { files } = await controller.api.get<{ files: object[] }>(`/artifacts/${artifact?.id}/files`);
    expect(files).toMatchObject([{ path: 'out/1' }, { path: 'out/2' }, { path: 'out/3' }]);
  });

  test('and stays so costs the artifact, which says why, and its node goes', async () => {
    await start('4s');
    await swift.kill();
    const { id } = await controller.api.submit(PIPELINE);
    const { data } = await artifactIs('failed');
    expect(data['reason']).toMatch(/^it could not be stored in time: /);
    expect(await controller.api.build(id)).toMatchObject({ result: 'success' });
    await controller.api.drained();
  });

  test('keeps no node that somebody deletes by force', async () => {
    await start('1h');
    await swift.kill();
    const { id } = await controller.api.submit(PIPELINE);
    await controller.api.finished(id);
    const { nodes } = await controller.api.get<{ nodes: { id: string }[] }>('/nodes');
    const refused = await remove(nodes[0]?.id ?? '');
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('not in the storage yet');
    await remove(nodes[0]?.id ?? '', '?force=true');
    const { data } = await artifactIs('failed');
    expect(data['reason']).toMatch(/^its node went before it was stored: deleted by /);
    await controller.api.drained();
  });

  async function remove(node: string, query = ''): Promise<Response> {
    const authorization = `Bearer ${await controller.token()}`;
    const url = `${controller.url}/api/v1/nodes/${node}${query}`;
    return fetch(url, { method: 'DELETE', headers: { authorization } });
  }

  function artifactIs(state: string) {
    return controller.api.event(({ kind, data }) => kind === 'artifact' && data.state === state);
  }

  async function start(uploads: string): Promise<void> {
    const { auth, container } = (await swift.newContainer()).swift;
    if (auth.kind !== 'tempauth') throw new Error('another login was asked for');
    const login = `{ kind: tempauth, url: "${auth.url}", user: "${auth.user}", key-env: SWIFT_KEY }`;
    controller = await startEmbeddedController(
      `
blobs: { kind: swift, auth: ${login}, container: ${container} }
timeouts: { artifacts: 3s, uploads: ${uploads} }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`,
      { SWIFT_KEY: auth.key.value },
    );
  }
});
