import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CloudResource } from '#controller/clouds';
import { createFleet } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { insertHost, insertLeak } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { createSweep } from '../sweep/index.ts';
import { cloudOf, openCloudOf, openPlace, putNode, type Place } from '../test-support.ts';
import type { TeardownSettings } from '../teardown-settings.ts';
import { createDoctor, type Doctor, type DoctorReport } from './index.ts';

const TEARDOWN: TeardownSettings = {
  maxStopped: 32,
  maxAgeMs: 600_000,
  minFreeDiskBytes: 1024,
  minFreeMemoryBytes: 512,
  idleMs: 2000,
  atOnce: 8,
};
const GRACE = 300_000;

let place: Place;

beforeEach(async () => {
  place = await openPlace();
});

afterEach(() => place.store.close());

test('all is well where everything is kept, and it says why', async () => {
  await putNode(place, { id: 'n1', state: 'ready' });
  await putNode(place, { id: 'n2', state: 'planned' });
  const young = place.clock.now() - 40_000;
  const { problems, clouds } = await examine({
    list: () => [resource('c1', 'n1'), resource('c3', 'n3', young)],
  });
  expect(problems).toEqual([]);
  expect(clouds).toMatchObject([
    {
      name: 'local',
      error: null,
      listedAt: null,
      resources: [
        { id: 'c1', node: 'n1', verdict: 'kept', reason: 'its node is ready' },
        { id: 'c3', node: 'n3', verdict: 'kept', reason: 'younger than the grace (40s of 5m)' },
      ],
      missing: [{ node: 'n2', state: 'planned', verdict: 'kept' }],
    },
  ]);
});

describe('what is wrong is said:', () => {
  test('a resource that no node has, and a node that has none', async () => {
    await putNode(place, { id: 'n1', state: 'ready', created_at: 0 });
    const { problems } = await examine({ list: () => [resource('c2', 'n2')] });
    expect(problems).toEqual([
      'cloud local has a container that no living node has: c2',
      'cloud local has nothing of node n1',
    ]);
  });

  test('a cloud that can’t be listed: nothing is said about what it has', async () => {
    await putNode(place, { id: 'n1', state: 'ready', created_at: 0 });
    const { problems, clouds } = await examine({
      list() {
        throw new Error('it is down');
      },
    });
    expect(problems).toEqual(["cloud local can't be listed: it is down"]);
    expect(clouds).toMatchObject([{ error: 'it is down', resources: [], missing: [] }]);
  });

  test('what can’t be removed there is said once, with the reason that all have in common', async () => {
    for (const id of ['n1', 'n2']) await putNode(place, { id, state: 'deleting', removal_failures: 9 });
    const { problems } = await examine({
      list() {
        throw new FootmanError('cloud-unavailable', 'it is down', { hint: 'switch it on' });
      },
    });
    expect(problems).toEqual([
      "cloud local can't be listed: it is down (switch it on); 2 nodes of it will be removed when it answers again",
    ]);
  });

  test('L6: a node that its cloud does not remove, and one whose cloud is not configured any more', async () => {
    await putNode(place, { id: 'n1', state: 'deleting', removal_failures: 3 });
    await putNode(place, { id: 'n2', state: 'ready', cloud: 'old' });
    const { problems, stranded } = await examine();
    expect(problems).toEqual([
      "node n2 can't be removed: cloud old is not configured any more",
      'cloud local did not remove node n1 in 3 tries',
    ]);
    expect(stranded).toMatchObject([{ node: 'n2', template: 'old/host' }]);
  });

  test('a host in quarantine', async () => {
    const host = {
      cloud: 'lab',
      name: 'rack-1',
      state: 'quarantined',
      reason: 'no route',
      node_id: null,
    } as const;
    await insertHost(place.store.db, { ...host, state_since: 0, failures: 1, due_at: 30_000 });
    const { problems, hosts } = await examine();
    expect(problems).toEqual(['host lab/rack-1 is quarantined: no route']);
    expect(hosts).toMatchObject([{ name: 'rack-1', dueAt: 30_000 }]);
  });

  test('a storage that does not take objects', async () => {
    const { problems, storage } = await examine({
      probe: () =>
        Promise.reject(new FootmanError('storage-refused', 'there is no bucket', { hint: 'make it' })),
    });
    expect(problems).toEqual(['the storage does not work: there is no bucket (make it)']);
    expect(storage).toMatchObject({ kind: 's3', error: 'there is no bucket (make it)' });
  });

  test('a loop that fails, a disk that is full, memory that is short', async () => {
    const { problems } = await examine({ failing: ['the loop reaper fails'], disk: 1023, memory: 511 });
    expect(problems).toEqual([
      'the loop reaper fails',
      "the controller's machine has 1023 B of disk left, less than 1 KiB",
      "the controller's machine has 511 B of memory left, less than 512 B",
    ]);
  });
});

test('a leak that was removed is history, and no problem', async () => {
  const leak = { cloud: 'local', resource: 'c1', node_id: 'n1', kind: 'volume', reason: 'no living node' };
  await insertLeak(place.store.db, { id: '1', ...leak, found_at: 5 });
  const { leaks, clouds, problems } = await examine();
  expect(leaks).toMatchObject([{ resource: 'c1', foundAt: 5, removedAt: null }]);
  expect(clouds).toMatchObject([{ leaks: { found: 1, removed: 0 } }]);
  expect(problems).toEqual([]);
});

const never = new AbortController().signal;

interface Given {
  list?(): CloudResource[];
  failing?: string[];
  probe?(): Promise<void>;
  disk?: number;
  memory?: number;
}

function examine(given: Given = {}): Promise<DoctorReport> {
  return doctorOf(given).examine(never);
}

function doctorOf(given: Given): Doctor {
  const { list = () => [], failing = [], probe = async () => undefined, disk = 1024, memory = 512 } = given;
  const cloud = cloudOf({
    async *list() {
      yield* list();
    },
  });
  const common = { ...place, fleet: createFleet([openCloudOf(cloud)]) };
  const sweep = createSweep({
    ...common,
    logger: createLogger('silent'),
    onVanished: () => Promise.reject(new Error('a doctor changes nothing')),
    settings: () => ({ intervalMs: 60_000, graceMs: GRACE }),
  });
  return createDoctor({
    ...common,
    sweep,
    machine: { freeDiskBytes: () => Promise.resolve(disk), freeMemoryBytes: () => memory },
    storage: { kind: 's3', probe },
    teardown: () => TEARDOWN,
    failing: () => failing,
  });
}

function resource(id: string, nodeId: string, createdAt = 0): CloudResource {
  return { id, nodeId, kind: 'container', createdAt };
}
