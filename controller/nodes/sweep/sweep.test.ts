import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cloud, CloudResource } from '#controller/clouds';
import { createFleet, type Fleet } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { countLeaks, eventsAfter, insertLeak, patchNode, recentLeaks } from '#controller/store';
import { cloudOf, openCloudOf, openPlace, putNode, type Place } from '../test-support.ts';
import { createSweep, type Sweep } from './sweep.ts';

const INTERVAL = 60_000;
const GRACE = 300_000;

let place: Place;
let listed: CloudResource[];
let removed: string[];
let vanished: string[];

beforeEach(async () => {
  place = await openPlace();
  listed = [];
  removed = [];
  vanished = [];
});

afterEach(() => place.store.close());

describe('L5: the two-sided sweep', () => {
  test('a resource without a node goes after two listings, with all that its node had, and is noted', async () => {
    const young = { ...resource('v1', 'n1', 'volume'), createdAt: place.clock.now() };
    listed = [resource('c1', 'n1'), young];
    const { sweepOnce } = openSweep();
    await sweepOnce();
    expect(removed).toEqual([]);
    await sweepOnce();
    expect(removed).toEqual(['n1']);
    expect(await countLeaks(place.store.db)).toEqual([{ cloud: 'local', found: 2, removed: 2 }]);
    const told = (await eventsAfter(place.store.db, 0, { limit: 10 })).map(({ kind, data }) => [
      kind,
      data['state'],
      data['resource'],
    ]);
    expect(told).toEqual([
      ['leak', 'found', 'c1'],
      ['leak', 'found', 'v1'],
      ['leak', 'removed', 'c1'],
      ['leak', 'removed', 'v1'],
    ]);
  });

  test('an error is not an empty list: neither nodes nor resources suffer from it', async () => {
    await putNode(place, { id: 'n1', state: 'ready', created_at: 0 });
    listed = [resource('n1', 'n1'), resource('c2', 'n2')];
    let isDown = false;
    const { sweep, sweepOnce } = openSweep({
      list() {
        if (isDown) throw new Error('the provider is down');
        return listed;
      },
    });
    await sweepOnce();
    isDown = true;
    for (let turn = 0; turn < 3; turn++) await sweepOnce();
    expect(sweep.problemOf('local')?.message).toBe('the provider is down');
    expect({ removed, vanished }).toEqual({ removed: [], vanished: [] });
    isDown = false;
    await sweepOnce();
    expect(sweep.problemOf('local')).toBeNull();
    expect({ removed, vanished }).toEqual({ removed: ['n2'], vanished: [] });
  });

  test('a cloud that can’t be listed is asked again soon, and others hear when it is back, once', async () => {
    let isDown = true;
    const { sweep } = openSweep({
      list() {
        if (isDown) throw new Error('the provider is down');
        return listed;
      },
    });
    const start = place.clock.now();
    for (let turn = 0; turn < 2; turn++) {
      expect(await sweep.run(never)).toBe(place.clock.now() + 5_000);
      await sweep.settled();
      place.clock.pass(5_000);
    }
    expect(sweep.problemOf('local')).toEqual({ message: 'the provider is down', at: start });
    isDown = false;
    await sweep.run(never);
    await sweep.settled();
    expect(await sweep.run(never)).toBe(place.clock.now() + INTERVAL);
    const told = (await eventsAfter(place.store.db, 0, { limit: 10 })).map(({ kind, data }) => [kind, data]);
    expect(told).toEqual([
      ['cloud', { id: 'local', state: 'unreachable', reason: 'the provider is down' }],
      ['cloud', { id: 'local', state: 'reachable', reason: null }],
    ]);
  });

  test('a part of a listing is none', async () => {
    await putNode(place, { id: 'n1', state: 'ready', created_at: 0 });
    const { sweepOnce } = openSweep({
      *list() {
        yield resource('c2', 'n2');
        throw new Error('cut off');
      },
    });
    for (let turn = 0; turn < 3; turn++) await sweepOnce();
    expect({ removed, vanished }).toEqual({ removed: [], vanished: [] });
  });

  test('a node that two listings miss is given up', async () => {
    await putNode(place, { id: 'n1', state: 'ready', created_at: 0 });
    const { sweepOnce } = openSweep();
    await sweepOnce();
    expect(vanished).toEqual([]);
    await sweepOnce();
    expect(vanished).toEqual(['n1']);
  });

  test('there is one last look before a node with a job is given up', async () => {
    await putNode(place, { id: 'n1', state: 'leased', created_at: 0, disconnected_at: 5 });
    let listings = 0;
    const { sweepOnce } = openSweep({
      // It lags for two sweeps, and shows the node when it is asked again.
      list: () => (++listings < 3 ? [] : [resource('n1', 'n1')]),
    });
    await sweepOnce();
    await sweepOnce();
    expect(listings).toBe(3);
    expect(vanished).toEqual([]);
  });

  test('an agent that comes back during the last look keeps its job', async () => {
    await putNode(place, { id: 'n1', state: 'leased', created_at: 0, disconnected_at: 5 });
    let listings = 0;
    const { sweepOnce } = openSweep({
      async *list() {
        if (++listings === 3) await patchNode(place.store.db, 'n1', ['leased'], { disconnected_at: null });
        yield* [];
      },
    });
    await sweepOnce();
    await sweepOnce();
    expect(vanished).toEqual([]);
  });

  test('what could not be removed is tried again, and noted once', async () => {
    listed = [resource('c1', 'n1')];
    const { sweepOnce } = openSweep({
      remove() {
        throw new Error('busy');
      },
    });
    for (let turn = 0; turn < 3; turn++) await sweepOnce();
    expect(removed).toEqual(['n1', 'n1']);
    expect(await countLeaks(place.store.db)).toEqual([{ cloud: 'local', found: 1, removed: 0 }]);
    // Somebody else did it.
    listed = [];
    await sweepOnce();
    expect(await recentLeaks(place.store.db, 1)).toMatchObject([{ removed_at: place.clock.now() }]);
  });

  test('images that leaked are not its own: that no listing of nodes shows them says nothing', async () => {
    const image = {
      cloud: 'local',
      resource: 'base-1.local',
      node_id: '',
      kind: 'image',
      reason: 'no version',
    };
    await insertLeak(place.store.db, { ...image, id: 'l1', found_at: 0 });
    const { sweepOnce } = openSweep();
    await sweepOnce();
    expect(await recentLeaks(place.store.db, 1)).toMatchObject([{ removed_at: null }]);
  });

  test('another cloud of the same name is looked at afresh', async () => {
    listed = [resource('c1', 'n1')];
    const { sweepOnce, fleet } = openSweep();
    await sweepOnce();
    fleet.replace([openCloudOf(cloudThat({}))]);
    await sweepOnce();
    expect(removed).toEqual([]);
    await sweepOnce();
    expect(removed).toEqual(['n1']);
  });
});

test('L6: a cloud whose listing hangs delays no other, and is listed again', async () => {
  listed = [resource('c1', 'n1')];
  const { sweep, fleet } = openSweep();
  let hung = 0;
  const hanging = cloudOf({
    // It heeds no signal.
    async *list() {
      hung += 1;
      await new Promise(() => {});
      yield* [];
    },
  });
  fleet.replace([openCloudOf(hanging, { name: 'sick' }), openCloudOf(cloudThat({}))]);
  await sweep.run(never);
  await ended(() => sweep.lastListed('local') !== null);
  place.clock.pass(INTERVAL);
  // The first sweep of the other one has listed, and may not have ended yet.
  while (removed.length === 0) {
    await sweep.run(never);
    await new Promise(setImmediate);
  }
  expect(removed).toEqual(['n1']);
  expect(hung).toBe(1);
  place.clock.pass(5000);
  await sweep.settled();
  expect(sweep.problemOf('sick')?.message).toBe('there was no answer within 1m');
  place.clock.pass(INTERVAL);
  await sweep.run(never);
  await ended(() => hung === 2);
});

test('a preview shows what the next sweep would do, and does nothing', async () => {
  listed = [resource('c1', 'n1')];
  const { sweep, sweepOnce } = openSweep();
  await sweepOnce();
  for (let turn = 0; turn < 2; turn++) {
    const { resources } = await sweep.preview('local', never);
    expect(resources).toMatchObject([{ verdict: 'removed', reason: /seen in two listings/ }]);
  }
  expect(removed).toEqual([]);
  expect(await countLeaks(place.store.db)).toEqual([]);
});

const never = new AbortController().signal;

interface Given {
  list?(): Iterable<CloudResource> | AsyncIterable<CloudResource>;
  remove?(): void;
}

function openSweep(given: Given = {}): { sweep: Sweep; fleet: Fleet; sweepOnce(): Promise<void> } {
  const fleet = createFleet([openCloudOf(cloudThat(given))]);
  const sweep = createSweep({
    ...place,
    fleet,
    logger: createLogger('silent'),
    onVanished: async ({ id }) => void vanished.push(id),
    settings: () => ({ intervalMs: INTERVAL, graceMs: GRACE }),
  });
  return {
    sweep,
    fleet,
    async sweepOnce() {
      place.clock.pass(INTERVAL);
      await sweep.run(never);
      await sweep.settled();
    },
  };
}

function cloudThat({ list = () => listed, remove }: Given): Cloud {
  return cloudOf({
    async *list() {
      yield* list();
    },
    async remove({ id }) {
      removed.push(id);
      remove?.();
    },
  });
}

function resource(id: string, nodeId: string, kind = 'container'): CloudResource {
  return { id, nodeId, kind, createdAt: 0 };
}

async function ended(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}
