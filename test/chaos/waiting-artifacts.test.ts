import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BuildView, EventView } from '#test/api-client';
import { blobsSection } from '#test/blobs-section';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { holdNode, releaseNode } from '#test/hold-node';
import { processesOfNode, signalProcesses } from '#test/node-traces';
import { optionalService } from '#test/optional';
import { startSwift, swiftMissing, type SwiftServer } from '#test/swift';

/** Whoever dies while an artifact waits for its storage: it is complete in the end, once, or says why it is not, and no node stays (L8, L14, I2). */

const PIPELINE = `
jobs:
  make:
    runs-on: linux
    steps: [{ run: "echo hello > out" }]
    artifacts: [{ name: out, paths: out }, { name: packed, paths: out, archive: true }]
`;

optionalService('Swift', swiftMissing())('while artifacts wait for their storage', () => {
  let swift: SwiftServer;
  let folder: string;
  let controller: ControllerProcess;
  let build: BuildView;
  /** The only one. */
  let node: string;

  beforeAll(async () => {
    swift = await startSwift();
  });
  afterAll(() => swift.stop());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footman-waiting-'));
    const { yaml, env } = blobsSection((await swift.newContainer()).s3);
    const configuration = `
${yaml}
timeouts: { artifacts: 3s, agent-lost: 20s }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`;
    controller = await startControllerProcess({ folder, configuration, env });
    await swift.kill();
    const { id } = await controller.api.submit(PIPELINE);
    build = await controller.api.build(id);
    node = (await controller.api.event(isNode('leased'))).data.id;
  });
  afterEach(async () => {
    await controller.stop();
    // It may be up, or down.
    await swift.kill();
    await swift.start();
    await rm(folder, { recursive: true, force: true });
  });

  describe('the controller is killed', () => {
    test.each([
      { when: 'as the first begins to wait', isIt: isArtifact('waiting') },
      { when: 'as the node is only there for them', isIt: isNode('uploading') },
    ])('$when, and the storage comes back before it does', async ({ isIt }) => {
      await controller.api.event(isIt);
      await controller.kill();
      await swift.start();
      await controller.start();
      await bothComplete();
    });

    test.each([
      { when: 'as one is stored', isIt: isArtifact('complete') },
      { when: 'as the node is let go', isIt: isNode('deleting') },
    ])('$when, after the storage is back', async ({ isIt }) => {
      await controller.api.event(isNode('uploading'));
      await swift.start();
      await controller.api.event(isIt);
      await controller.kill();
      await controller.start();
      await bothComplete();
    });
  });

  test('the agent is killed: they say that they went with it', async () => {
    await controller.api.event(isNode('uploading'));
    signalProcesses(await processesOfNode(node), 'SIGKILL');
    await bothFailed();
  });

  test('agent and controller are killed: the next life of the controller says so', async () => {
    await controller.api.event(isNode('uploading'));
    await controller.kill();
    signalProcesses(await processesOfNode(node), 'SIGKILL');
    await controller.start();
    await bothFailed();
  });

  test('somebody has the node held, and the controller is killed: they are stored, and the node stays held', async () => {
    await controller.api.event(isArtifact('collecting'));
    await holdNode(controller.data, node);
    await controller.api.finished(build.id);
    await controller.kill();
    await swift.start();
    await controller.start();
    await isEvery('complete');
    expect(await controller.api.get(`/nodes/${node}`)).toMatchObject({ state: 'held' });
    await controller.kill();
    await releaseNode(controller.data, node);
    await controller.start();
    await bothComplete();
  });

  async function bothComplete(): Promise<void> {
    await isEvery('complete');
    await nothingStays();
    const seen = await controller.api.eventsUntil(isNode('deleted'));
    expect(seen.filter(isArtifact('complete')).map(({ data }) => data['name'])).toEqual(['out', 'packed']);
  }

  async function bothFailed(): Promise<void> {
    await isEvery('failed');
    await nothingStays();
    const { artifacts } = (await controller.api.build(build.id)).jobs[0] ?? {};
    const reason = expect.stringMatching(/^its node went before it was stored: /) as string;
    expect(artifacts).toMatchObject([{ reason }, { reason }]);
  }

  async function isEvery(state: string): Promise<void> {
    const names = new Set<unknown>();
    await controller.api.event((event) => {
      if (isArtifact(state)(event)) names.add(event.data['name']);
      return names.size === 2;
    });
  }

  /** Its job has the result that its steps had, whatever became of its artifacts. */
  async function nothingStays(): Promise<void> {
    expect(await controller.api.finished(build.id)).toMatchObject({
      result: 'success',
      jobs: [{ reason: null }],
    });
    await controller.api.drained();
    expect(await processesOfNode(node)).toEqual([]);
  }
});

function isArtifact(state: string): (event: EventView) => boolean {
  return ({ kind, data }) => kind === 'artifact' && data.state === state;
}

function isNode(state: string): (event: EventView) => boolean {
  return ({ kind, data }) => kind === 'node' && data.state === state;
}
