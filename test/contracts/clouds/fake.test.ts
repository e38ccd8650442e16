import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cloudKind, type Cloud, type Launch, type Launched } from '#controller/clouds';
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

  function launch(template: object = {}, host: string | null = null, id = node): Promise<Launched> {
    const launch: Launch<unknown> = {
      node: { id, resource: null },
      template: cloudKind('fake').template.parse(template),
      host,
      bootstrap: (choice) => ({ node: id, token: 'none', ...choice }),
    };
    return cloud.launch(launch, never);
  }

  async function listed(): Promise<string[]> {
    return (await Array.fromAsync(cloud.list(never))).map(({ nodeId }) => nodeId);
  }
});
