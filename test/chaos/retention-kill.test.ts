import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FsckLine } from '#controller/api';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';

const CONFIGURATION = `
retention: { interval: 1s }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`;
/** Enough for a kill to come among them. */
const FILES = 400;
const PIPELINE = `
jobs:
  a:
    runs-on: linux
    steps: [{ run: "mkdir out; for i in $(seq ${FILES}); do echo $i > out/$i; done" }]
    artifacts: [{ name: out, paths: ["out/**"] }]
`;

let folder: string;
let controller: ControllerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-kill-'));
  controller = await startControllerProcess({ folder, configuration: CONFIGURATION });
});

afterEach(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

test.each<{ when: string; isIt: (objects: number) => boolean }>([
  { when: 'as soon as nobody finds it', isIt: () => true },
  { when: 'when its first objects are gone', isIt: (objects) => objects < FILES },
  { when: 'when half of its objects are gone', isIt: (objects) => objects < FILES / 2 },
  { when: 'when hardly any object is left', isIt: (objects) => objects < 20 },
])(
  'kill -9 while a build is removed, $when: the next life goes on, and another build keeps all',
  async ({ isIt }) => {
    const [doomed, kept] = [await build(), await build()];
    // A build whose nodes are not gone stays.
    await controller.api.drained();
    const all = await objects();
    expect(all).toBeGreaterThan(2 * FILES);
    await controller.api.delete(`/builds/${doomed.id}`);
    while (!isIt((await objects()) - all / 2)) await setImmediate();
    await controller.kill();
    await controller.start();
    await expect(controller.api.build(doomed.id)).rejects.toThrow('404');
    while ((await objects()) > all / 2) await setImmediate();
    const lines = await controller.api.lines<FsckLine>('/fsck?digests=true');
    expect(lines.at(-1)).toMatchObject({ kind: 'summary', damaged: 0, orphans: 0 });
    expect(await controller.api.build(kept.id)).toMatchObject({ result: 'success' });
  },
);

async function build(): Promise<{ id: string }> {
  const { id } = await controller.api.submit(PIPELINE);
  const build = await controller.api.finished(id);
  expect(build.jobs).toMatchObject([{ artifacts: [{ state: 'complete', files: FILES }] }]);
  return build;
}

/** Files of the storage, without the one that says whose it is. */
async function objects(): Promise<number> {
  const entries = await readdir(join(controller.data, 'blobs', 'objects'), {
    recursive: true,
    withFileTypes: true,
  });
  return entries.filter((entry) => entry.isFile() && !entry.name.startsWith('footman.json')).length;
}
