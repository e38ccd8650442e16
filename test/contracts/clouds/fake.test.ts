import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cloudKind, type Cloud, type CloudImages, type Launch, type Launched } from '#controller/clouds';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { openProcessFixture } from './process-fixture.ts';
import { cloudContract } from './suite.ts';
import { createLogger } from '#controller/logger';

const never = new AbortController().signal;
const node = 'n-1';
const reference = { id: node, resource: null };

cloudContract('fake', () =>
  openProcessFixture({
    kind: 'fake',
    settings: (folder) => ({ world: folder }),
    nodes: (folder) => join(folder, 'processes'),
    template: {},
  }),
);

test('a machine of the fake cloud restarts with its files, and gets another agent; once, however often it is asked', async () => {
  const fixture = await openProcessFixture({
    kind: 'fake',
    settings: (folder) => ({ world: folder }),
    nodes: (folder) => join(folder, 'processes'),
    template: {},
  });
  try {
    const { cloud, dialIn, template } = fixture;
    const bootstrap = dialIn.bootstrap(node);
    await cloud.launch({ node: reference, template, host: null, bootstrap }, never);
    await dialIn.arrived(node);
    await dialIn.run(node, 'echo kept > file; echo written');
    const boot = await bootOf(cloud);
    const reboot = { node: reference, template, host: null, boot, bootstrap };
    await cloud.reboot?.(reboot, never);
    await expect.poll(() => dialIn.arrivals(node)).toBe(2);
    const next = await bootOf(cloud);
    expect(next).not.toBe(boot);
    expect(await dialIn.run(node, 'cat file')).toBe('kept\n');

    await cloud.reboot?.(reboot, never);
    expect(await bootOf(cloud)).toBe(next);
    expect(dialIn.tokens(node)).toHaveLength(2);
  } finally {
    await fixture.dispose();
  }
});

test('an image of the fake cloud is what steps wrote to its disk; its capture ends the agent', async () => {
  const fixture = await openProcessFixture({
    kind: 'fake',
    settings: (folder) => ({ world: folder }),
    nodes: (folder) => join(folder, 'processes'),
    template: {},
  });
  try {
    const { cloud, dialIn, template } = fixture;
    const launch = (id: string, image: object) => {
      const bootstrap = dialIn.bootstrap(id);
      return cloud.launch({ node: { id, resource: null }, template, host: null, bootstrap, ...image }, never);
    };
    await launch(node, {});
    await dialIn.arrived(node);
    await dialIn.run(node, 'echo tools >>"$FAKE_DISK"; echo written');
    await cloud.images?.capture(reference, 'v-1', never);
    await dialIn.left(node);
    expect(await cloud.inspect?.(reference, never)).toMatchObject({ state: 'stopped' });
    await launch('n-2', { image: 'v-1' });
    await dialIn.arrived('n-2');
    expect(await dialIn.run('n-2', 'cat "$FAKE_DISK"')).toContain('tools');
  } finally {
    await fixture.dispose();
  }
});

async function bootOf(cloud: Cloud): Promise<string> {
  const condition = await cloud.inspect?.(reference, never);
  if (condition?.state !== 'running' || condition.boot === null) throw new Error('it does not run');
  return condition.boot;
}

describe('a script of the fake cloud', () => {
  let folder: string;
  let world: FakeWorldControl;
  let cloud: Cloud;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fake-world-'));
    world = await controlFakeWorld(folder);
    cloud = await open();
  });
  afterEach(() => rm(folder, { recursive: true }));

  test.each([
    ['refuse', 'cloud-refused'],
    ['abort', 'cloud-aborted'],
    ['unavailable', 'cloud-unavailable'],
  ] as const)('lets a launch fail by %s', async (action, code) => {
    await world.script({ on: 'launch', do: action });
    await expect(launch()).rejects.toMatchObject({ code });
    expect(await world.resources()).toEqual([]);
  });

  test('loses the answer to a launch that made a node', async () => {
    await world.script({ on: 'launch', do: 'lose-answer', times: 1 });
    await expect(launch()).rejects.toMatchObject({ code: 'cloud-unavailable' });
    expect(await world.resources()).toMatchObject([{ node, controller: 'controller-1' }]);
    await launch();
    const created = (await world.journal()).filter(({ event }) => event === 'created');
    expect(created).toMatchObject([{ call: 'launch', node }]);
  });

  test('puts another image in place, of one variant alone', async () => {
    expect(await launch()).toMatchObject({ image: 'image-1' });
    await world.image('image-2');
    await world.image('image-9', 'other');
    expect(await cloud.currentImage?.({}, never)).toBe('image-2');
    expect(await cloud.currentImage?.({ variant: 'other' }, never)).toBe('image-9');
    // The node that is there keeps its own.
    expect(await launch()).toMatchObject({ image: 'image-1' });
  });

  test('pauses a call at an edge until it may go on', async () => {
    await world.script({ on: 'launch', at: 'after', do: 'pause' });
    const launching = launch();
    const at = await world.paused({ call: 'launch' });
    expect(at).toEqual({ call: 'launch', edge: 'after', node, pid: process.pid });
    expect((await world.journal()).map(({ event }) => event)).toEqual(['called', 'created', 'fault']);
    await world.continue(at);
    await launching;
    expect((await world.journal()).at(-1)).toMatchObject({ event: 'returned', call: 'launch', node });
  });

  test.each(['pause', 'hang'] as const)('lets the caller of a call with %s give up', async (action) => {
    await world.script({ on: 'remove', do: action });
    const caller = new AbortController();
    const removing = cloud.remove(reference, caller.signal);
    await expect.poll(async () => (await world.journal()).at(-1)?.event).toBe('fault');
    caller.abort(new Error('enough'));
    await expect(removing).rejects.toBeInstanceOf(Error);
  });

  test('acts only as often as it says, over all lives of the controller', async () => {
    await world.script({ on: 'stop', do: 'unavailable', times: 2 });
    await expect(cloud.stop(reference, never)).rejects.toThrow('not available');
    cloud = await open();
    await expect(cloud.stop(reference, never)).rejects.toThrow('not available');
    await cloud.stop(reference, never);
  });

  test('is for the nodes of one variant alone', async () => {
    await world.script({ on: 'launch', do: 'refuse', variant: 'broken' });
    await expect(launch({ variant: 'broken' })).rejects.toThrow('refuses');
    await launch({ variant: 'sound' });
    expect(await world.resources()).toMatchObject([{ node, variant: 'sound' }]);
  });

  test('hides a new node from the first listings', async () => {
    await world.script({ on: 'launch', do: 'hide', listings: 2 });
    await launch();
    expect([await listed(), await listed(), await listed()]).toEqual([[], [], [node]]);
  });

  test('ends a listing with an error after a part of it', async () => {
    await launch();
    await world.script({ on: 'list', at: 'after', do: 'unavailable' });
    const seen: string[] = [];
    const listing = async () => {
      for await (const { nodeId } of cloud.list(never)) seen.push(nodeId);
    };
    await expect(listing()).rejects.toThrow('not available');
    expect(seen).toEqual([node]);
  });

  test('lets a node vanish', async () => {
    await launch();
    await world.script({ on: 'list', at: 'before', do: 'vanish', node });
    expect(await listed()).toEqual([]);
    await cloud.remove(reference, never);
  });

  test('holds from the next call on when it is changed', async () => {
    await world.script({ on: 'list', do: 'unavailable' });
    await expect(listed()).rejects.toThrow('not available');
    await world.script();
    expect(await listed()).toEqual([]);
  });

  describe('and images', () => {
    test('are what is on the disk of a node, and so are nodes that are made from them', async () => {
      await launch();
      await world.write(node, 'tools\n');
      const captured = await images().capture(reference, 'v-1', never);
      expect(captured).toMatchObject({ image: 'v-1', bytes: 6, digest: expect.stringMatching(/^sha256:/) });
      await world.write(node, 'more\n');
      expect(await images().capture(reference, 'v-1', never)).toEqual(captured);
      expect(await launch({}, null, 'n-2', 'v-1')).toMatchObject({ image: 'v-1' });
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

    test('are there in another life of the controller, go when no node stands on them, and are listed', async () => {
      await launch();
      await images().capture(reference, 'v-1', never);
      await launch({}, null, 'n-2', 'v-1');
      cloud = await open();
      expect(await images().find('v-1', never)).toMatchObject({ image: 'v-1' });
      expect(await Array.fromAsync(images().list(never))).toMatchObject([{ name: 'v-1' }]);
      await expect(images().remove('v-1', never)).rejects.toMatchObject({ code: 'cloud-refused' });
      await cloud.remove({ id: 'n-2', resource: null }, never);
      await images().remove('v-1', never);
      await images().remove('v-1', never);
      expect(await images().find('v-1', never)).toBeNull();
      expect(await Array.fromAsync(images().list(never))).toEqual([]);
      await expect(launch({}, null, 'n-3', 'v-1')).rejects.toThrow('there is no image v-1');
    });

    test('are the same again from their files, which other files are not', async () => {
      await launch();
      const captured = await images().capture(reference, 'v-1', never);
      const { content, suffix } = await images().export('v-1', never);
      expect(suffix).toBe('.json');
      expect(await images().import('v-2', content, never)).toEqual({ ...captured, image: 'v-2' });
      const other = Readable.from(['<html>']);
      await expect(images().import('v-3', other, never)).rejects.toMatchObject({ code: 'cloud-refused' });
      expect(await images().find('v-3', never)).toBeNull();
    });

    test('fail as the script says, each on its own, and so do launches from them', async () => {
      await launch();
      await world.script(
        { on: 'capture', do: 'lose-answer', image: 'v-1', times: 1 },
        { on: 'launch', do: 'refuse', image: 'v-1' },
        { on: 'list-images', at: 'after', do: 'unavailable' },
      );
      await expect(images().capture(reference, 'v-1', never)).rejects.toThrow('lost the answer');
      expect(await images().find('v-1', never)).not.toBeNull();
      await images().capture(reference, 'v-2', never);
      await expect(launch({}, null, 'n-2', 'v-1')).rejects.toThrow('refuses');
      await launch({}, null, 'n-2', 'v-2');
      await expect(Array.fromAsync(images().list(never))).rejects.toThrow('not available');
    });

    test('pause in a capture', async () => {
      await launch();
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
  });

  describe('and static hosts', () => {
    test('are those of the template; one without needs none', () => {
      const { template } = cloudKind('fake');
      expect(cloud.hosts?.of(template.parse({ hosts: ['h1', 'h2'] }))).toEqual(['h1', 'h2']);
      expect(cloud.hosts?.of(template.parse({}))).toBeNull();
    });

    test('are known of each node, and have one at a time', async () => {
      await launch({}, 'h1');
      expect(await world.resources()).toMatchObject([{ node, host: 'h1' }]);
      await expect(launch({}, 'h1', 'n-2')).rejects.toMatchObject({ code: 'cloud-refused' });
      await launch({}, 'h2', 'n-2');
      await launch({}, 'h1');
      expect(await world.resources()).toHaveLength(2);
    });

    test('are not reset while a node is on them', async () => {
      await launch({}, 'h1');
      await expect(cloud.hosts?.reset('h1', never)).rejects.toThrow('host h1 has node n-1');
      await cloud.remove(reference, never);
      await cloud.hosts?.reset('h1', never);
      expect((await world.journal()).at(-1)).toMatchObject({ event: 'returned', call: 'reset', host: 'h1' });
    });

    test('fail as the script says, each on its own', async () => {
      await world.script({ on: 'reset', do: 'unavailable', host: 'h1' });
      await expect(cloud.hosts?.reset('h1', never)).rejects.toThrow('not available');
      await cloud.hosts?.reset('h2', never);
    });

    test('pause in a reset', async () => {
      await world.script({ on: 'reset', do: 'pause' });
      const resets = ['h1', 'h2'].map(async (host) => cloud.hosts?.reset(host, never));
      const at = await world.paused({ call: 'reset', host: 'h2' });
      expect(at).toEqual({ call: 'reset', edge: 'before', node: null, host: 'h2', pid: process.pid });
      await world.continue(await world.paused({ call: 'reset', host: 'h1' }));
      await world.continue(at);
      await Promise.all(resets);
    });
  });

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

  function launch(
    template: object = {},
    host: string | null = null,
    id = node,
    image?: string,
  ): Promise<Launched> {
    const launch: Launch<unknown> = {
      node: { id, resource: null },
      template: cloudKind('fake').template.parse(template),
      host,
      ...(image !== undefined && { image }),
      bootstrap: (choice) => ({ node: id, token: 'none', ...choice }),
    };
    return cloud.launch(launch, never);
  }

  async function listed(): Promise<string[]> {
    return (await Array.fromAsync(cloud.list(never))).map(({ nodeId }) => nodeId);
  }
});
