import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { stepNamed } from '#test/pipelines';

const CONFIGURATION = `
logs: { archive-after: 0s }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
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

test.each<{ when: string; isIt: () => Promise<boolean> }>([
  { when: 'while it is uploaded', isIt: async () => (await files('blobs/incoming')).length > 0 },
  { when: 'as the log is there', isIt: async () => (await files('blobs/objects/logs')).length > 0 },
  { when: 'as its index is there, too', isIt: async () => (await files('blobs/objects/logs')).length > 1 },
  {
    when: 'as it leaves the disk',
    isIt: async () => !(await isOnDisk()),
  },
])(
  'kill -9 as a log goes to the storage, $when: no byte of it is lost, and nothing is left behind (I4)',
  async ({ isIt }) => {
    const wrote = join(folder, 'wrote');
    // Enough for it to be met on its way; it can't be packed much smaller.
    const { id } = await controller.api.submit(`
jobs: { a: { runs-on: linux, steps: [{ name: talk, run: "head -c 20000000 /dev/urandom | base64 | tee ${wrote}" }] } }
`);
    while (!(await isOnDisk())) await setImmediate();
    while (!(await isIt())) await setImmediate();
    await controller.kill();
    await controller.start();
    const build = await controller.api.finished(id);
    expect(build).toMatchObject({ result: 'success' });
    const step = stepNamed(build, 'talk');
    expect(digest(await controller.api.log(step.id))).toBe(digest(await readFile(wrote)));
    while ((await files('logs')).length > 0) await setImmediate();
    expect(digest(await controller.api.log(step.id))).toBe(digest(await readFile(wrote)));
    expect((await files('blobs/objects/logs')).toSorted()).toEqual(
      ['.idx', '.log.zst'].map((end) => expect.stringContaining(`${step.id}${end}`)),
    );
    expect(await files('blobs/incoming')).toEqual([]);
    await controller.api.drained();
  },
);

async function isOnDisk(): Promise<boolean> {
  return (await files('logs')).some((name) => name.endsWith('.log'));
}

/** Names of files in a folder of the controller's, at any depth. */
async function files(part: string): Promise<string[]> {
  const entries = await readdir(join(controller.data, part), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
