import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobsSection } from '#test/blobs-section';
import { dockerMissing, startEngine, type TestEngine } from '#test/docker';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { optionalService } from '#test/optional';
import { stepNamed } from '#test/pipelines';
import { startSwift, swiftMissing, type SwiftServer } from '#test/swift';

/** Files of more than one part, alone and in an archive, there and back again. */
const PIPELINE = `
jobs:
  make:
    runs-on: linux
    steps:
      - { name: make, run: "mkdir out && head -c 20000000 /dev/urandom > out/large && echo hello > out/small && sha256sum out/*" }
    artifacts: [{ name: plain, paths: "out/*" }, { name: packed, paths: "out/*", archive: true }]
  use:
    needs: make
    runs-on: linux
    artifacts: [{ from: make, path: in }]
    steps: [{ name: look, run: "for i in plain packed; do (cd in/$i && sha256sum out/*); done" }]
`;

/** Nodes that have no way to the storage use the controller's. */
optionalService('Swift', swiftMissing())('what goes through the controller', () => {
  let swift: SwiftServer;

  beforeAll(async () => {
    swift = await startSwift();
  });
  afterAll(() => swift.stop());

  describe.each(['s3', 'swift'] as const)('to %s', (kind) => {
    test('from a node to which the storage is closed', async () => {
      // What agents are told of the storage; the controller has another address of it.
      const settings = { ...(await swift.newContainer())[kind], publicEndpoint: 'http://127.0.0.1:1' };
      const { yaml, env } = blobsSection(settings);
      const controller = await startEmbeddedController(
        `${yaml}\nclouds: { local: { kind: process, max-nodes: 2, templates: { host: { labels: linux } } } }`,
        env,
      );
      try {
        await thereAndBack(controller);
      } finally {
        await controller.dispose();
      }
    });
  });

  optionalService('Docker Engine', dockerMissing())('to S3', () => {
    let engine: TestEngine;
    let image: string;

    beforeAll(async () => {
      engine = await startEngine();
      image = await engine.image('debian');
    });
    afterAll(() => engine.stop());

    test('from a container without any network', async () => {
      const { yaml, env } = blobsSection((await swift.newContainer()).s3);
      const controller = await startEmbeddedController(
        `
${yaml}
clouds:
  docker:
    kind: docker
    host: ${engine.host}
    templates: { debian: { labels: linux, image: '${image}', pull: never, network: none } }
`,
        env,
      );
      try {
        await thereAndBack(controller);
      } finally {
        await controller.dispose();
      }
    });
  });
});

async function thereAndBack({ api }: EmbeddedController): Promise<void> {
  const { id } = await api.submit(PIPELINE);
  const build = await api.finished(id);
  expect(build.jobs.map(({ reason }) => reason)).toEqual([null, null]);
  expect(build.jobs[0]?.artifacts).toMatchObject([
    { state: 'complete', files: 2 },
    { state: 'complete', files: 2 },
  ]);
  const sums = await api.log(stepNamed(build, 'make').id);
  expect(await api.log(stepNamed(build, 'look').id)).toBe(sums + sums);
}
