import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImageStreamList } from '#controller/api';
import type { EventView } from '#test/api-client';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { startKilledController, type KilledController } from '#test/killed-controller';
import { stepNamed } from '#test/pipelines';
import { expectNothingLeaked, expectSoundImages } from '#test/sound-images';

/** Whenever the controller dies on the way to an image: what is current was verified, and nothing is leaked (I2, I5, L8). */

let fixture: KilledController;
let world: KilledController['world'];
let hut: FakeWorldControl;
let controller: KilledController['controller'];

beforeEach(async () => {
  fixture = await startKilledController(
    (at) => `
teardown: { max-stopped: 0 }
clouds:
  lab: { kind: fake, world: ${at}, templates: { plain: { labels: plain }, based: { labels: based, stream: base } } }
  hut: { kind: fake, world: ${at}-hut, templates: { plain: { labels: elsewhere } } }
`,
  );
  ({ world, controller } = fixture);
  hut = await controlFakeWorld(join(fixture.folder, 'world-hut'));
});

afterEach(() => fixture[Symbol.asyncDispose]());

const LOOK = 'grep installed "$FAKE_DISK"';

test.each([
  { call: 'capture', at: 'before' },
  { call: 'capture', at: 'after' },
  { call: 'launch', at: 'before', image: 'base-1.lab' },
] as const)(
  'kill -9 $at a $call: one image is made, verified and promoted (I5)',
  async ({ call, at, ...of }) => {
    await world.script({ on: call, at, do: 'pause', times: 1, ...of });
    const { id } = await controller.api.submit(`jobs: ${make()}`);
    await world.paused({ call, edge: at });
    await controller.kill();
    await controller.start();
    expect(await controller.api.finished(id)).toMatchObject({
      result: 'success',
      jobs: [
        { key: 'make', attempt: 1, result: 'success' },
        { key: 'make (verify base)', result: 'success' },
      ],
    });
    expect((await world.captures()).map(({ name }) => name)).toEqual(['base-1.lab']);
    await expectSound();
  },
);

test('kill -9 in a capture of a build that is cancelled meanwhile: no image is left, and nothing is promoted', async () => {
  await world.script({ on: 'capture', at: 'after', do: 'pause', times: 1 });
  const { id } = await controller.api.submit(`jobs: ${make()}`);
  await world.paused({ call: 'capture' });
  await controller.api.post(`/builds/${id}/cancel`, {});
  await controller.kill();
  await controller.start();
  expect(await controller.api.finished(id)).toMatchObject({ result: 'cancelled' });
  await expectNothingLeaked(controller.api, [world]);
  expect(await currentOf('lab')).toBeNull();
});

test('kill -9 in a verification: the step that looks goes on, looks once, and nobody gets the image before (I3)', async () => {
  const gate = join(fixture.folder, 'gate');
  const look = `echo looked >> "$FAKE_DISK"; echo looking; until [ -e ${gate} ]; do sleep 0.05; done; grep -c looked "$FAKE_DISK"`;
  const { id } = await controller.api.submit(`jobs: ${make({ look })}`);
  await controller.api.event((event) => isVerification(event) && event.data.state === 'running');
  const step = stepNamed(await controller.api.build(id), 'look').id;
  await controller.api.logged(step, 'looking\n');
  await controller.kill();
  await controller.start();
  expect(await currentOf('lab')).toBeNull();
  await writeFile(gate, '');
  expect(await controller.api.finished(id)).toMatchObject({ result: 'success' });
  expect(await controller.api.log(step)).toBe('looking\n1\n');
  await expectSound();
});

describe('kill -9 around a promotion in two clouds, which happens in both or in none:', () => {
  test.each<{ when: string; isIt: (event: EventView) => boolean }>([
    { when: 'as the first one is verified', isIt: isReady },
    { when: 'as the last verification ends', isIt: (event) => isVerification(event) && hasEnded(event) },
    { when: 'as the pointers move', isIt: ({ data }) => data.state === 'promoted' },
  ])('$when', async ({ when, isIt }) => {
    const together = 'promote: { when-all: [lab, hut] }, ';
    const { id } = await controller.api.submit(
      `jobs: ${make({ more: together })}${make({ key: 'there', label: 'elsewhere', more: together })}`,
    );
    let left = when.includes('last') ? 2 : 1;
    await controller.api.event((event) => isIt(event) && --left === 0);
    await controller.kill();
    await controller.start();
    const began = await Promise.all(['lab', 'hut'].map(currentOf));
    expect([
      [null, null],
      ['base-1.lab', 'base-1.hut'],
    ]).toContainEqual(began);
    expect(await controller.api.finished(id)).toMatchObject({ result: 'success' });
    expect(await Promise.all(['lab', 'hut'].map(currentOf))).toEqual(['base-1.lab', 'base-1.hut']);
    await expectSound();
  });
});

interface Made {
  key?: string;
  label?: string;
  look?: string;
  more?: string;
}

/** A job whose node becomes an image. */
function make({ key = 'make', label = 'plain', look = LOOK, more = '' }: Made = {}): string {
  return `
  ${key}:
    runs-on: ${label}
    steps: [{ run: echo installed >> "$FAKE_DISK" }]
    post: { success: [{ snapshot: { stream: base, ${more}verify: [{ name: look, run: '${look}' }] } }] }
`;
}

function isReady({ kind, data }: EventView): boolean {
  return kind === 'image' && data.state === 'ready';
}

function isVerification({ kind, data }: EventView): boolean {
  return kind === 'job' && String(data['key']).includes('(verify');
}

function hasEnded({ data }: EventView): boolean {
  return data.state === 'finished';
}

async function currentOf(name: string): Promise<string | null> {
  const { streams } = await controller.api.get<ImageStreamList>('/images');
  return streams.find(({ cloud }) => cloud === name)?.current?.name ?? null;
}

function expectSound(): Promise<void> {
  const worlds = [world, hut];
  return expectSoundImages({
    api: controller.api,
    worlds,
    stream: 'base',
    label: 'based',
    holds: 'installed',
  });
}
