import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { stepNamed } from '#test/pipelines';

/** Nodes that become images, and jobs that start from them, under a whole controller with real agents. */

interface StreamView {
  name: string;
  cloud: string;
  current: { number: number; name: string } | null;
}

let folder: string;
let lab: FakeWorldControl;
let hut: FakeWorldControl;
let controller: EmbeddedController;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-images-'));
  lab = await controlFakeWorld(join(folder, 'lab'));
  hut = await controlFakeWorld(join(folder, 'hut'));
  controller = await startEmbeddedController(`
teardown: { max-stopped: 0 }
images: { roll-back-after: 2 }
clouds:
  lab:
    kind: fake
    world: ${join(folder, 'lab')}
    templates:
      plain: { labels: plain }
      tools: { labels: tools, stream: tools }
      fragile: { labels: fragile, stream: fragile }
  hut: { kind: fake, world: ${join(folder, 'hut')}, templates: { plain: { labels: elsewhere } } }
  here: { kind: process, templates: { host: { labels: process } } }
`);
});

afterEach(async () => {
  await Promise.all([lab.script(), hut.script()]);
});

afterAll(async () => {
  await controller.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('what a job leaves on its node is verified, promoted, and found by jobs that start from there', async () => {
  const build = await run('{ stream: tools, verify: [{ name: look, run: grep installed "$FAKE_DISK" }] }');
  expect(build).toMatchObject({ result: 'success' });
  expect(build.jobs.map(({ key, result }) => `${key}: ${result}`)).toEqual([
    'make: success',
    'make (verify tools): success',
  ]);
  expect(await logOf(build, 'look')).toContain('installed');
  expect(await logOf(build, 'keep')).toMatch(
    /^capturing node \S{16} as tools-1\.lab\ncaptured within .*: \d+ B, which the cloud calls tools-1\.lab\n$/,
  );
  expect(await currentOf('tools')).toBe('tools-1.lab');
  const user = await controller.api.finished(await job('tools', 'cat "$FAKE_DISK"'));
  expect(user).toMatchObject({ result: 'success' });
  expect(await logOf(user, 'work')).toContain('installed');
});

test('an image that does not pass its verification is nobody’s', async () => {
  await run('checked');
  const build = await run('{ stream: checked, verify: [{ name: look, run: exit 3 }] }');
  expect(build).toMatchObject({ result: 'failure', jobs: [{ result: 'success' }, { result: 'failure' }] });
  expect(await currentOf('checked')).toBe('checked-1.lab');
  // Nothing is left of it in the cloud.
  await expect
    .poll(async () => (await lab.captures()).map(({ name }) => name), { timeout: 20_000 })
    .not.toContain('checked-2.lab');
});

test('a cloud that is not available for a while is asked again, and makes one image', async () => {
  await lab.script(
    { on: 'capture', do: 'unavailable', times: 1 },
    { on: 'capture', do: 'lose-answer', times: 1 },
  );
  expect(await run('patient')).toMatchObject({ result: 'success' });
  const made = (await lab.captures()).filter(({ name }) => name.startsWith('patient'));
  expect(made.map(({ name }) => name)).toEqual(['patient-1.lab']);
});

test('a cloud that refuses fails the job, and says why', async () => {
  await lab.script({ on: 'capture', do: 'refuse', times: 1 });
  const build = await run('refused');
  const why = 'its node could not be captured: the script refuses';
  expect(build).toMatchObject({
    result: 'failure',
    jobs: [{ result: 'failure', reason: `step keep: ${why}` }],
  });
  expect(stepNamed(build, 'keep')).toMatchObject({ result: 'failure', message: why });
  expect(await currentOf('refused')).toBeNull();
});

test('a cloud that has no images fails the job, and says so', async () => {
  const build = await run('nowhere', 'process', 'true');
  const reason = "step keep: cloud here can't capture its nodes";
  expect(build).toMatchObject({ result: 'failure', jobs: [{ reason }] });
});

test('a build that is cancelled while its node is captured leaves no image and no node', async () => {
  await lab.script({ on: 'capture', do: 'pause', times: 1 });
  const { id } = await controller.api.submit(pipeline('late'));
  const { node } = await lab.paused({ call: 'capture' });
  await controller.api.post(`/builds/${id}/cancel`, {});
  expect(await controller.api.finished(id)).toMatchObject({
    result: 'cancelled',
    jobs: [{ result: 'cancelled' }],
  });
  await controller.api.drained();
  expect((await lab.resources()).map((resource) => resource.node)).not.toContain(node);
  expect((await lab.captures()).map(({ name }) => name)).not.toContain('late-1.lab');
});

test('images of two clouds are promoted at once, or not at all', async () => {
  const wish = '{ stream: both, promote: { when-all: [lab, hut] } }';
  const two = `${pipeline(wish)}${pipeline(wish, 'elsewhere').replace(/^jobs:\n {2}make:/, '  there:')}`;
  await hut.script({ on: 'capture', do: 'refuse', times: 1 });
  const { id: broken } = await controller.api.submit(two);
  expect(await controller.api.finished(broken)).toMatchObject({ result: 'failure' });
  expect(await currentOf('both')).toBeNull();
  const { id } = await controller.api.submit(two);
  expect(await controller.api.finished(id)).toMatchObject({ result: 'success' });
  expect(await currentOf('both', 'hut')).toBe('both-2.hut');
  expect(await currentOf('both')).toBe('both-2.lab');
});

test('a version whose nodes do not come up is taken back by itself', async () => {
  await run('fragile');
  await run('fragile');
  expect(await currentOf('fragile')).toBe('fragile-2.lab');
  await lab.script({ on: 'launch', do: 'refuse', image: 'fragile-2.lab' });
  for (let tries = 0; tries < 2; tries++)
    expect(await controller.api.finished(await job('fragile', 'true'))).not.toMatchObject({
      result: 'success',
    });
  await expect.poll(() => currentOf('fragile'), { timeout: 20_000 }).toBe('fragile-1.lab');
  expect(await controller.api.finished(await job('fragile', 'true'))).toMatchObject({ result: 'success' });
});

function pipeline(snapshot: string, label = 'plain', script = 'echo installed >> "$FAKE_DISK"'): string {
  return `jobs:
  make:
    runs-on: ${label}
    steps: [{ run: ${JSON.stringify(script)} }]
    post: { success: [{ name: keep, snapshot: ${snapshot} }] }
`;
}

async function run(snapshot: string, label?: string, script?: string): Promise<BuildView> {
  const { id } = await controller.api.submit(pipeline(snapshot, label, script));
  return controller.api.finished(id);
}

async function job(label: string, script: string): Promise<string> {
  const step = `{ name: work, run: ${JSON.stringify(script)} }`;
  const { id } = await controller.api.submit(`jobs: { use: { runs-on: ${label}, steps: [${step}] } }`);
  return id;
}

function logOf(build: BuildView, step: string): Promise<string> {
  return controller.api.log(stepNamed(build, step).id);
}

/** What the stream's nodes are made from. */
async function currentOf(name: string, cloud = 'lab'): Promise<string | null> {
  const { streams } = await controller.api.get<{ streams: StreamView[] }>('/images');
  return streams.find((stream) => stream.name === name && stream.cloud === cloud)?.current?.name ?? null;
}
