import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { stepNamed } from '#test/pipelines';

/** Jobs that start from what was done once for all of them, under a whole controller with real agents. */

let folder: string;
let world: FakeWorldControl;
let controller: EmbeddedController;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-prepared-'));
  world = await controlFakeWorld(folder);
  controller = await startEmbeddedController(`
teardown: { max-stopped: 0 }
clouds:
  lab: { kind: fake, world: ${folder}, templates: { machine: { labels: vm } } }
  here: { kind: process, templates: { host: { labels: process } } }
`);
});

afterEach(() => world.script());

afterAll(async () => {
  await controller.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('jobs that want the same wait for one build, and find on their nodes what it did', async () => {
  const builds = await Promise.all(['a', 'b', 'c'].map(() => submit('tools')));
  const ended = await Promise.all(builds.map((id) => controller.api.finished(id)));
  for (const build of ended) {
    expect(build).toMatchObject({ result: 'success' });
    expect(stepNamed(build, 'install')).toMatchObject({ result: 'skipped', message: 'its image has it' });
    expect(await logOf(build, 'test')).toContain('tools by none\n');
  }
  expect(await preparations('tools')).toMatchObject([{ result: 'success', trust: 'trusted' }]);
  const later = await controller.api.finished(await submit('tools'));
  expect(await logOf(later, 'test')).toContain('tools by none\n');
  expect(await preparations('tools')).toHaveLength(1);
});

test('a job that does not wait prepares its own node, with nothing of its own in it', async () => {
  const build = await controller.api.finished(await submit('own', { more: 'on-miss: uncached,' }));
  expect(build).toMatchObject({ result: 'success' });
  expect(stepNamed(build, 'install')).toMatchObject({ result: 'success' });
  expect(await logOf(build, 'test')).toContain('own by none\n');
  await expect.poll(() => preparations('own'), { timeout: 20_000 }).toMatchObject([{ result: 'success' }]);
});

test('a job in a cloud without images prepares its own node', async () => {
  const build = await controller.api.finished(
    await submit('bare', { label: 'process', install: 'echo installed' }),
  );
  expect(build).toMatchObject({ result: 'success' });
  expect(await logOf(build, 'install')).toBe('installed\n');
  expect(await preparations('bare')).toEqual([]);
});

test('layers are made one after another, each on the one before', async () => {
  const id = await submit('layers', {
    more: 'layers: true,',
    install: 'echo one >> "$FAKE_DISK"',
    second: 'echo two >> "$FAKE_DISK"',
  });
  const build = await controller.api.finished(id);
  expect(await logOf(build, 'test')).toMatch(/^one\n(?:.*\n)*two\n/m);
  expect(await preparations('layers')).toHaveLength(2);
});

test('what fails to be prepared fails the job, which says where', async () => {
  const build = await controller.api.finished(await submit('broken', { install: 'exit 3' }));
  const [preparation] = await preparations('broken');
  expect(build).toMatchObject({
    result: 'failure',
    jobs: [
      {
        reason: expect.stringMatching(
          new RegExp(`^its preparation failed in build #${preparation?.number}: .*install.*3`),
        ),
      },
    ],
  });
});

test('what the cloud will not capture fails the job, and the next one tries anew', async () => {
  await world.script({ on: 'capture', do: 'refuse', times: 1 });
  const failed = await controller.api.finished(await submit('full'));
  expect(failed).toMatchObject({
    result: 'failure',
    jobs: [{ reason: expect.stringContaining('could not be captured') }],
  });
  expect(await controller.api.finished(await submit('full'))).toMatchObject({ result: 'success' });
});

interface Wanted {
  more?: string;
  label?: string;
  install?: string;
  second?: string;
}

/** A build of one job, whose preparation notes on the disk what it is. */
async function submit(
  key: string,
  { more = '', label = 'vm', install, second }: Wanted = {},
): Promise<string> {
  const first = install ?? `echo "${key} by \${WHO-none}" >> "$FAKE_DISK"`;
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: ${label}
    env: { WHO: the job }
    prepare: {
      key: ${key}, ${more}
      steps: [{ name: install, run: '${first}' }${second === undefined ? '' : `, { name: second, run: '${second}' }`}]
    }
    steps: [{ name: test, run: 'cat "\${FAKE_DISK-/dev/null}"' }]
`);
  return id;
}

async function preparations(key: string): Promise<BuildView[]> {
  const { builds } = await controller.api.get<{ builds: (BuildView & { pipeline: string })[] }>(
    '/builds?limit=100',
  );
  return builds.filter(({ pipeline }) => pipeline === `prepare ${key}`);
}

function logOf(build: BuildView, step: string): Promise<string> {
  return controller.api.log(stepNamed(build, step).id);
}
