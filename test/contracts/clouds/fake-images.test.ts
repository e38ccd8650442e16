import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cloudKind, type Cloud, type CloudImages, type Launched } from '#controller/clouds';
import { createLogger } from '#controller/logger';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { imagesContract, type ImagesFixture } from './images-suite.ts';
import { openProcessFixture } from './process-fixture.ts';

const never = new AbortController().signal;
const node = 'n-1';
const reference = { id: node, resource: null };

imagesContract('fake', openImagesFixture);

describe('the fake cloud', () => {
  let folder: string;
  let world: FakeWorldControl;
  let cloud: Cloud;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fake-world-'));
    world = await controlFakeWorld(folder);
    cloud = await open();
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('images are what is on the disk of a node, and so are nodes that are made from them', async () => {
    await launch(node);
    await world.write(node, 'tools\n');
    const captured = await images().capture(reference, 'v-1', never);
    expect(captured).toMatchObject({ image: 'v-1', bytes: 6, digest: expect.stringMatching(/^sha256:/) });
    await world.write(node, 'more\n');
    expect(await images().capture(reference, 'v-1', never)).toEqual(captured);
    expect(await launch('n-2', 'v-1')).toMatchObject({ image: 'v-1' });
    await images().capture({ id: 'n-2', resource: null }, 'v-2', never);
    expect(await world.captures()).toMatchObject([
      { name: 'v-1', content: 'tools\n' },
      { name: 'v-2', content: 'tools\nn-2 is of v-1\n' },
    ]);
    const created = (await world.journal()).filter(({ event }) => event === 'created');
    expect(created.map(({ call, image = null }) => [call, image])).toEqual([
      ['launch', null],
      ['capture', 'v-1'],
      ['launch', 'v-1'],
      ['capture', 'v-2'],
    ]);
  });

  test('images are there in another life of the controller, go when no node stands on them, and are listed', async () => {
    await launch(node);
    await images().capture(reference, 'v-1', never);
    await launch('n-2', 'v-1');
    cloud = await open();
    expect(await images().find('v-1', never)).toMatchObject({ image: 'v-1' });
    expect(await Array.fromAsync(images().list(never))).toMatchObject([{ name: 'v-1' }]);
    await expect(images().remove('v-1', never)).rejects.toMatchObject({ code: 'cloud-refused' });
    await cloud.remove({ id: 'n-2', resource: null }, never);
    await images().remove('v-1', never);
    await images().remove('v-1', never);
    expect(await images().find('v-1', never)).toBeNull();
    expect(await Array.fromAsync(images().list(never))).toEqual([]);
    await expect(launch('n-3', 'v-1')).rejects.toThrow('there is no image v-1');
  });

  test('images are the same again from their files, which other files are not', async () => {
    await launch(node);
    const captured = await images().capture(reference, 'v-1', never);
    const { content, suffix } = await images().export('v-1', never);
    expect(suffix).toBe('.json');
    expect(await images().import('v-2', content, never)).toEqual({ ...captured, image: 'v-2' });
    const other = Readable.from(['<html>']);
    await expect(images().import('v-3', other, never)).rejects.toMatchObject({ code: 'cloud-refused' });
    expect(await images().find('v-3', never)).toBeNull();
  });

  test('images fail as the script says, each on its own, and so do launches from them', async () => {
    await launch(node);
    await world.script(
      { on: 'capture', do: 'lose-answer', image: 'v-1', times: 1 },
      { on: 'launch', do: 'refuse', image: 'v-1' },
      { on: 'list-images', at: 'after', do: 'unavailable' },
    );
    await expect(images().capture(reference, 'v-1', never)).rejects.toThrow('lost the answer');
    expect(await images().find('v-1', never)).not.toBeNull();
    await images().capture(reference, 'v-2', never);
    await expect(launch('n-2', 'v-1')).rejects.toThrow('refuses');
    await launch('n-2', 'v-2');
    await expect(Array.fromAsync(images().list(never))).rejects.toThrow('not available');
  });

  test('images pause in a capture', async () => {
    await launch(node);
    await world.script({ on: 'capture', do: 'pause' });
    const capturing = images().capture(reference, 'v-1', never);
    const at = await world.paused({ call: 'capture', image: 'v-1' });
    expect(at).toEqual({ call: 'capture', edge: 'before', node, image: 'v-1', pid: process.pid });
    expect(await world.captures()).toEqual([]);
    await world.continue(at);
    await capturing;
  });

  function images(): CloudImages {
    if (cloud.images === undefined) throw new Error('the cloud has no images');
    return cloud.images;
  }

  function open(): Promise<Cloud> {
    const kind = cloudKind('fake');
    return kind.open(kind.settings.parse({ world: folder, agents: false }), {
      controllerId: 'controller-1',
      name: 'fake',
      folder,
      endpoints: { socketFolder: folder, socketName: 'none', url: null },
      runtime: () => Promise.reject(new Error('no agent runs here')),
      logger: createLogger('silent'),
    });
  }

  function launch(id: string, image?: string): Promise<Launched> {
    const own = { node: { id, resource: null }, template: cloudKind('fake').template.parse({}), host: null };
    const from = image === undefined ? {} : { image };
    return cloud.launch(
      { ...own, ...from, bootstrap: (choice) => ({ node: id, token: 'none', ...choice }) },
      never,
    );
  }
});

/** Steps keep text on the disk of their node; what else they write is not in its image. */
async function openImagesFixture(): Promise<ImagesFixture<unknown>> {
  let folder = '';
  const fixture = await openProcessFixture({
    kind: 'fake',
    settings: (own) => ({ world: (folder = own) }),
    nodes: (own) => join(own, 'processes'),
    template: {},
  });
  const run = (id: string, script: string) => fixture.dialIn.run(id, script);
  return {
    ...fixture,
    async keep(id, text) {
      await run(id, `echo ${text} >>"$FAKE_DISK"; echo done`);
    },
    kept: (id) => run(id, 'cat "$FAKE_DISK"'),
    async litter(id, text) {
      await run(id, `echo ${text} >left; echo done`);
    },
    identity: async (id) => [await run(id, 'pwd')],
    async secretsIn({ image }, texts) {
      const world = await controlFakeWorld(folder);
      const capture = (await world.captures()).find(({ name }) => name === image);
      return texts.filter((text) => capture?.content.includes(text));
    },
  };
}
