import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { processesOfNode, signalProcesses } from '#test/node-traces';
import { stepNamed } from '#test/pipelines';

const CLOUDS = `
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`;

let folder: string;
let controller: ControllerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-kill-'));
});

afterEach(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Enough for an upload to be met on its way; it can't be packed any smaller. */
const MAKE = 'mkdir deps; head -c 40000000 /dev/urandom > deps/noise; (cd deps; sha256sum noise > sum)';

test.each<{ when: string; isIt: () => Promise<boolean> }>([
  { when: 'while it is uploaded', isIt: async () => (await count('incoming')) > 0 },
  { when: 'as all of it is stored', isIt: async () => (await count('objects')) > 0 },
])(
  'kill -9 in the save of a cache, $when: the build ends, and what is restored is whole',
  async ({ isIt }) => {
    controller = await startControllerProcess({ folder, configuration: CLOUDS });
    const first = await submit(MAKE);
    while (!(await isIt())) await setImmediate();
    await controller.kill();
    await controller.start();
    expect(await controller.api.finished(first)).toMatchObject({ result: 'success' });
    expect(await count('incoming')).toBe(0);

    const second = await controller.api.finished(await submit('true'));
    expect(second.result).toBe('success');
    expect(await controller.api.log(stepNamed(second, 'restored').id)).toBe('hit=true\nnoise: OK\n');
    await controller.api.drained();
  },
);

test('kill -9 of controller and agent while a cache is uploaded: the build ends, and nothing of it is ever restored', async () => {
  const configuration = `timeouts: { agent-lost: 2s }${CLOUDS}`;
  controller = await startControllerProcess({ folder, configuration });
  const first = await submit(MAKE);
  const node = await controller.api.event(({ kind, data }) => kind === 'node' && data.state === 'leased');
  while ((await count('incoming')) === 0) await setImmediate();
  await controller.kill();
  signalProcesses(await processesOfNode(node.data.id), 'SIGKILL');
  await controller.start();
  expect(await controller.api.finished(first)).toMatchObject({ result: 'errored' });
  expect(await count('incoming')).toBe(0);

  const second = await controller.api.finished(await submit('true'));
  expect(await controller.api.log(stepNamed(second, 'restored').id)).toBe('hit=false\n');
  await controller.api.drained();
});

async function submit(make: string): Promise<string> {
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps:
      - { id: deps, cache: { key: noise, paths: [deps] } }
      - name: restored
        env: { HIT: "\${{ steps.deps.outputs.cache-hit }}" }
        run: echo "hit=$HIT"; if [ -e deps ]; then cd deps; sha256sum -c sum; fi
      - { name: make, run: "${make}" }
`);
  return id;
}

/** Files of the storage: those that are being written, or those that are there. */
async function count(part: 'incoming' | 'objects'): Promise<number> {
  const entries = await readdir(join(controller.data, 'blobs', part), {
    recursive: true,
    withFileTypes: true,
  });
  return entries.filter((entry) => entry.isFile()).length;
}
