import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { processesOfNode, signalProcesses } from '#test/node-traces';
import { stepNamed } from '#test/pipelines';

let folder: string;
let world: FakeWorldControl;
let controller: ControllerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-silent-'));
  world = await controlFakeWorld(join(folder, 'world'));
  controller = await startControllerProcess({
    folder,
    // Longer than any test lasts: whoever waits for it has failed.
    configuration: `
timeouts: { agent-lost: 10m }
clouds:
  local: { kind: process, templates: { host: { labels: dies } } }
  lab: { kind: fake, world: ${join(folder, 'world')}, templates: { small: { labels: stops } } }
`,
  });
});

afterAll(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

test('of two silent agents, the job of the one that died ends at once, and that of the one that is only slow goes on (L9)', async () => {
  const gate = join(folder, 'gate');
  const waits = `echo begun; until [ -e ${gate} ]; do sleep 0.05; done; echo ended`;
  const [doomed, slow] = await Promise.all([begin('dies', waits), begin('stops', waits)]);
  signalProcesses(slow.processes, 'SIGSTOP');
  await controller.kill();
  signalProcesses(doomed.processes, 'SIGKILL');
  await controller.start();

  expect(await controller.api.finished(doomed.build)).toMatchObject({
    result: 'errored',
    jobs: [{ result: 'errored', reason: 'its machine does not run its agent any more' }],
  });
  expect(await controller.api.log(doomed.step)).toBe('begun\n');

  await expect
    .poll(() => world.journal(), { timeout: 30_000 })
    .toContainEqual(expect.objectContaining({ event: 'returned', call: 'inspect', node: slow.node }));
  expect(await controller.api.build(slow.build)).toMatchObject({ state: 'running' });
  signalProcesses(slow.processes, 'SIGCONT');
  await writeFile(gate, '');
  expect(await controller.api.finished(slow.build)).toMatchObject({
    result: 'success',
    jobs: [{ attempt: 1 }],
  });
  expect(await controller.api.log(slow.step)).toBe('begun\nended\n');
});

/** A job that has begun its step, and all processes of its node. */
async function begin(
  label: string,
  script: string,
): Promise<{ build: string; step: string; node: string; processes: string[] }> {
  const pipeline = `jobs: { a: { runs-on: ${label}, steps: [{ name: work, run: ${JSON.stringify(script)} }] } }`;
  const build: BuildView = await controller.api.submit(pipeline);
  const step = stepNamed(await controller.api.build(build.id), 'work');
  await controller.api.logged(step.id, 'begun');
  const { nodes } = await controller.api.get<{ nodes: { id: string; labels: string[] }[] }>('/nodes');
  const node = nodes.find(({ labels }) => labels.includes(label))?.id ?? '';
  return { build: build.id, step: step.id, node, processes: await processesOfNode(node) };
}
