import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BuildList, ImageStreamList, ImageVersion, ImageVersionList } from '#controller/api';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { stepNamed } from '#test/pipelines';
import { expectSoundImages } from '#test/sound-images';
import { addWidgetProject, tellOfFork } from '#test/widget-project';
import { createWidgetRepository } from '#test/widget-repository';

/** Whatever goes wrong with the next image of a stream: what is current was verified, nodes boot from it, and nothing is leaked (I2, I5). */

let folder: string;
let world: FakeWorldControl;
let controller: EmbeddedController;
let before: string | null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-faults-'));
  world = await controlFakeWorld(join(folder, 'world'));
  controller = await startEmbeddedController(`
teardown: { max-stopped: 0 }
timeouts: { launch: 1s }
clouds:
  lab:
    kind: fake
    world: ${join(folder, 'world')}
    templates: { plain: { labels: plain }, based: { labels: based, stream: base } }
`);
  expect(await run(pipeline())).toMatchObject({ result: 'success' });
  before = await currentOf('base');
});

afterEach(async () => {
  await world.script();
  const worlds = [world];
  const { api } = controller;
  await expectSoundImages({ api, worlds, stream: 'base', label: 'based', holds: 'installed' });
});

afterAll(async () => {
  await controller.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('a step of its verification fails: the one before stays', async () => {
  const build = await run(pipeline({ look: 'grep nothing "$FAKE_DISK"' }));
  expect(build).toMatchObject({ result: 'failure', jobs: [{ result: 'success' }, { result: 'failure' }] });
  expect(stepNamed(build, 'look')).toMatchObject({ result: 'failure', exitCode: 1 });
  expect(await currentOf('base')).toBe(before);
});

test('no node of it ever boots: the one before stays, and the verification says why', async () => {
  const image = `base-${(await newestNumber()) + 1}.lab`;
  await world.script({ on: 'launch', do: 'hang', image });
  const build = await run(pipeline({ more: 'queue-timeout: 3s' }));
  expect(build).toMatchObject({ result: 'errored' });
  expect(await versionOf(image)).toMatchObject({ reason: expect.stringContaining('verify') });
  expect(await currentOf('base')).toBe(before);
});

test('its cloud has no room for it: the one before stays, and the build says why', async () => {
  await world.script({ on: 'capture', do: 'abort', times: 1 });
  const reason = 'its node could not be captured: the script has no capacity';
  const build = await run(pipeline());
  expect(build).toMatchObject({ result: 'errored', jobs: [{ reason: `step keep: ${reason}` }] });
  expect(stepNamed(build, 'keep')).toMatchObject({ result: 'errored', message: reason });
  expect(await controller.api.log(stepNamed(build, 'keep').id)).toContain('no capacity');
  expect(await currentOf('base')).toBe(before);
});

test('its cloud has room for it again when the job is tried again: it is made', async () => {
  await world.script({ on: 'capture', do: 'abort', times: 1 });
  const build = await run(pipeline({ more: 'retry: { max: 1, on: errored }' }));
  expect(build).toMatchObject({ result: 'success' });
  before = await expectPromoted();
});

const VANISHED = 'its node could not be captured: its node has vanished';

test('the node that it is captured from vanishes before: the one before stays, and that is no failure of the job', async () => {
  const build = await runAndVanish('before', pipeline());
  expect(build).toMatchObject({ result: 'errored', jobs: [{ reason: `step keep: ${VANISHED}` }] });
  expect(await currentOf('base')).toBe(before);
});

test('the node that a preparation is captured from vanishes: another one makes the image that its jobs wait for', async () => {
  const build = await runAndVanish('before', prepared('lost'));
  expect(build).toMatchObject({ result: 'success' });
  expect(stepNamed(build, 'install')).toMatchObject({ result: 'skipped', message: 'its image has it' });
  const own = (await builds()).find((each) => each.pipeline === 'prepare lost');
  const { jobs } = await controller.api.build(own?.id ?? '');
  expect(jobs.map(({ attempt, result }) => `${attempt} ${result}`)).toEqual(['1 errored', '2 success']);
  expect(jobs[0]?.reason).toContain(VANISHED);
});

test('the node that it was captured from vanishes after: it is none the worse', async () => {
  expect(await runAndVanish('after', pipeline())).toMatchObject({ result: 'success' });
  before = await expectPromoted();
});

test('a build of a fork makes none and promotes none, and starts from the one that is there', async () => {
  const widget = await createWidgetRepository(join(folder, 'git'));
  const base = await widget.commit({ branch: 'main', files: { readme: 'widgets' } });
  await addWidgetProject(controller, { repository: widget.path });
  const file = `on: pull-request\n${pipeline({ label: 'based' })}${prepared('tools').replace('jobs:\n', '')}`;
  const head = await widget.commit({ branch: 'stranger', from: base, files: { '.footman.yaml': file } });
  await widget.point('refs/pull/7/head', head);
  const known = await newestNumber();
  const earlier = new Set((await builds()).map(({ id }) => id));
  expect(await tellOfFork(controller, { head, base })).toBe(202);
  const { data } = await controller.api.event(
    (event) => event.kind === 'build' && !earlier.has(event.data.id),
  );
  const build = await controller.api.finished(data.id);
  expect(build).toMatchObject({ result: 'success', trust: 'fork', jobs: [{ key: 'make' }, { key: 'own' }] });
  expect(stepNamed(build, 'keep')).toMatchObject({
    result: 'skipped',
    message: 'builds from forks make no images',
  });
  expect(stepNamed(build, 'install')).toMatchObject({ result: 'success' });
  expect((await builds()).filter((each) => each.pipeline === 'prepare tools')).toEqual([]);
  expect([await newestNumber(), await currentOf('base')]).toEqual([known, before]);
});

interface Made {
  label?: string;
  look?: string;
  more?: string;
}

/** A job whose node becomes an image. */
function pipeline({ label = 'plain', look = 'grep installed "$FAKE_DISK"', more = '' }: Made = {}): string {
  return `jobs:
  make:
    runs-on: ${label}
    ${more}
    steps: [{ run: echo installed >> "$FAKE_DISK" }]
    post: { success: [{ name: keep, snapshot: { stream: base, verify: [{ name: look, run: '${look}' }] } }] }
`;
}

/** A job that starts from an image which is made for it. */
function prepared(key: string): string {
  return `jobs:
  own:
    runs-on: plain
    prepare: { key: ${key}, steps: [{ name: install, run: 'echo tools >> "$FAKE_DISK"' }] }
    steps: [{ run: 'grep tools "$FAKE_DISK"' }]
`;
}

async function run(source: string): Promise<BuildView> {
  const { id } = await controller.api.submit(source);
  return controller.api.finished(id);
}

async function runAndVanish(at: 'before' | 'after', source: string): Promise<BuildView> {
  await world.script({ on: 'capture', at, do: 'pause', times: 1 });
  const { id } = await controller.api.submit(source);
  const pause = await world.paused({ call: 'capture' });
  await world.vanish(pause.node ?? '');
  await world.continue(pause);
  return controller.api.finished(id);
}

/** The newest version has become current. */
async function expectPromoted(): Promise<string | null> {
  const current = await currentOf('base');
  expect(current).toBe(`base-${await newestNumber()}.lab`);
  expect(current).not.toBe(before);
  return current;
}

async function newestNumber(): Promise<number> {
  const lists = await Promise.all(
    ['', '&state=deleted'].map((query) =>
      controller.api.get<ImageVersionList>(`/images/versions?stream=base${query}`),
    ),
  );
  return Math.max(...lists.flatMap(({ versions }) => versions.map(({ number }) => number)));
}

async function builds(): Promise<BuildList['builds']> {
  return (await controller.api.get<BuildList>('/builds?limit=100')).builds;
}

function versionOf(name: string): Promise<ImageVersion> {
  return controller.api.get(`/images/versions/${name}`);
}

async function currentOf(stream: string): Promise<string | null> {
  const { streams } = await controller.api.get<ImageStreamList>('/images');
  return streams.find(({ name }) => name === stream)?.current?.name ?? null;
}
