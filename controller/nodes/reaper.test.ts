import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cloud } from '#controller/clouds';
import { countOccupancy, createFleet } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { findNode, insertNode, type Node } from '#controller/store';
import { createReaper, type Reaper } from './reaper.ts';
import type { TeardownSettings } from './teardown-settings.ts';
import { cloudOf, nodeRow, openCloudOf, openPlace, putNode, type Place } from './test-support.ts';

const SETTINGS: TeardownSettings = {
  maxStopped: 32,
  maxAgeMs: 600_000,
  minFreeDiskBytes: 0,
  minFreeMemoryBytes: 0,
  idleMs: 2000,
  atOnce: 2,
};
const PATIENCE_MS = 5000;

let place: Place;
let calls: string[];

beforeEach(async () => {
  place = await openPlace();
  calls = [];
});

afterEach(() => place.store.close());

describe('deferred teardown', () => {
  test('a node is stopped at once, and removed when the machine has been idle for long enough', async () => {
    const node = await putNode(place, { id: 'a', state: 'deleting' });
    const reaper = openReaper();
    expect(await reaper.run(never)).toBe(place.clock.now() + SETTINGS.idleMs);
    await reaper.settled();
    expect(calls).toEqual(['stop a']);
    expect(await findNode(place.store.db, node.id)).toMatchObject({
      state: 'deleting',
      stopped_at: place.clock.now(),
    });

    place.clock.pass(SETTINGS.idleMs);
    await reaper.run(never);
    await reaper.settled();
    expect(calls).toEqual(['stop a', 'remove a']);
    expect(await findNode(place.store.db, node.id)).toMatchObject({ state: 'deleted' });
  });

  test('a job that came and went between two looks was work too', async () => {
    await putNode(place, { id: 'a', state: 'deleting' });
    const reaper = openReaper();
    await reaper.run(never);
    place.clock.pass(SETTINGS.idleMs - 1);
    reaper.observe([{ kind: 'job', data: { id: 'j', state: 'finished' } }]);
    place.clock.pass(1);
    await reaper.run(never);
    await reaper.settled();
    expect(calls).toEqual(['stop a']);
  });

  test('one node too many lets all go, so many at a time', async () => {
    for (const id of ['a', 'b', 'c', 'd'])
      await putNode(place, { id, state: 'deleting', stopped_at: place.clock.now() });
    let together = 0;
    let most = 0;
    const reaper = openReaper({
      settings: { maxStopped: 3 },
      remove: async () => {
        most = Math.max(most, ++together);
        await new Promise(setImmediate);
        together -= 1;
      },
    });
    await reaper.run(never);
    await reaper.settled();
    expect(calls.toSorted()).toEqual(['remove a', 'remove b', 'remove c', 'remove d']);
    expect(most).toBe(SETTINGS.atOnce);
  });

  test('a quota that is nearly reached lets its nodes go, and no others', async () => {
    for (const id of ['a', 'b', 'c', 'd'])
      await putNode(place, { id, state: 'deleting', stopped_at: place.clock.now() });
    await putNode(place, { id: 'e', state: 'deleting', stopped_at: place.clock.now(), cloud: 'roomy' });
    const reaper = openReaper({ nodes: 5 });
    await reaper.run(never);
    await reaper.settled();
    expect(calls.toSorted()).toEqual(['remove a', 'remove b', 'remove c', 'remove d']);
  });

  test('a flush removes all that waits, stopped or not', async () => {
    await putNode(place, { id: 'a', state: 'deleting', stopped_at: place.clock.now() });
    await putNode(place, { id: 'b', state: 'deleting' });
    await openReaper().flush(never);
    expect(calls.toSorted()).toEqual(['remove a', 'remove b']);
  });

  test('L8: a restarted controller goes on where the last one was', async () => {
    await putNode(place, { id: 'a', state: 'deleting', stopped_at: place.clock.now() });
    await putNode(place, { id: 'b', state: 'deleting' });
    await openReaper().run(never);
    const second = openReaper();
    await second.run(never);
    await second.settled();
    expect(calls).not.toContain('stop a');
    place.clock.pass(SETTINGS.idleMs);
    await second.run(never);
    await second.settled();
    expect(calls).toEqual(expect.arrayContaining(['stop b', 'remove a', 'remove b']));
  });

  test('what a failed node printed is kept before it is stopped', async () => {
    await putNode(place, { id: 'a', state: 'deleting', failure: 'check' });
    const reaper = openReaper();
    await reaper.run(never);
    await reaper.settled();
    expect(calls).toEqual(['keep a', 'stop a']);
    await reaper.flush(never);
    expect(calls).toEqual(['keep a', 'stop a', 'remove a']);
  });
});

test('a node that is done before its cloud has answered the launch is stopped and removed after the answer (I2)', async () => {
  await putNode(place, { id: 'a', state: 'deleting' });
  const launched = Promise.withResolvers<void>();
  const reaper = openReaper({ launchSettled: () => launched.promise });
  await reaper.run(never);
  const flushed = reaper.flush(never);
  await new Promise(setImmediate);
  expect(calls).toEqual([]);
  launched.resolve();
  await flushed;
  expect(calls).toContain('remove a');
  await reaper.settled();
});

describe('L6: one that hangs blocks no other', () => {
  test.each(['stop', 'remove'] as const)('in %s, though it does not heed its signal', async (call) => {
    for (const id of ['a', 'b', 'c', 'd']) await putNode(place, { id, state: 'deleting' });
    const reaper = openReaper({
      settings: { maxStopped: call === 'stop' ? 32 : 0 },
      [call]: (id: string) => (id < 'c' ? hanging() : Promise.resolve()),
    });
    await reaper.run(never);
    await new Promise(setImmediate);
    expect(calls).toEqual([`${call} a`, `${call} b`]);
    // Hanging is no work: it gives its place away.
    place.clock.pass(10_000);
    await new Promise(setImmediate);
    expect(calls).toEqual(['a', 'b', 'c', 'd'].map((id) => `${call} ${id}`));

    place.clock.pass(60_000);
    place.clock.pass(PATIENCE_MS);
    await reaper.settled();
    const stuck = await findNode(place.store.db, 'a');
    if (call === 'stop') expect(stuck).toMatchObject({ state: 'deleted' });
    else expect(stuck).toMatchObject({ state: 'deleting', removal_failures: 1 });
  });

  test('a removal that fails is tried again, later each time, until the cloud confirms', async () => {
    const failures = 3;
    await putNode(place, { id: 'a', state: 'deleting', stopped_at: place.clock.now() });
    let left = failures;
    const reaper = openReaper({
      settings: { maxStopped: 0 },
      remove: async () => {
        if (left-- > 0) throw new Error('not now');
      },
    });
    const waits: number[] = [];
    for (;;) {
      const next = await reaper.run(never);
      await reaper.settled();
      const node = await findNode(place.store.db, 'a');
      if (node?.state === 'deleted') break;
      if (next === null) continue;
      waits.push(next - place.clock.now());
      place.clock.pass(next - place.clock.now());
    }
    expect(waits).toEqual([500, 1000, 2000]);
    expect(calls).toHaveLength(failures + 1);
  });

  test('what waits for another try is tried at once when its cloud answers again', async () => {
    const later = place.clock.now() + 300_000;
    const waits = { state: 'deleting', removal_failures: 9, removal_due_at: later } as const;
    await putNode(place, { id: 'a', ...waits });
    await putNode(place, { id: 'b', cloud: 'roomy', ...waits });
    const reaper = openReaper();
    expect(await reaper.run(never)).toBe(later);
    expect(calls).toEqual([]);
    const data = { id: 'local', state: 'reachable' };
    expect(reaper.observe([{ kind: 'cloud', data }])).toBe(true);
    expect(await reaper.run(never)).toBe(later);
    await reaper.settled();
    expect(calls).toEqual(['remove a']);
  });

  test('a node whose cloud is not configured any more stays, and says why', async () => {
    await insertNode(place.store.db, nodeRow({ id: 'a', state: 'deleting', cloud: 'gone' }));
    const reaper = openReaper();
    await reaper.run(never);
    await reaper.settled();
    expect(await findNode(place.store.db, 'a')).toMatchObject({ state: 'deleting', removal_failures: 1 });
  });
});

const never = new AbortController().signal;

interface Given {
  settings?: Partial<TeardownSettings>;
  nodes?: number;
  stop?(id: string): Promise<void>;
  remove?(id: string): Promise<void>;
  launchSettled?(id: string): Promise<void>;
}

function openReaper(given: Given = {}): Reaper {
  const cloud = cloudThat(given);
  return createReaper({
    ...place,
    logger: createLogger('silent'),
    fleet: createFleet([openCloudOf(cloud, given), openCloudOf(cloud, { name: 'roomy' })]),
    countOccupancy,
    machine: { freeDiskBytes: () => Promise.resolve(1), freeMemoryBytes: () => 1 },
    settings: () => ({ ...SETTINGS, ...given.settings }),
    launchSettled: given.launchSettled ?? (() => Promise.resolve()),
    keepConsole: async ({ id }: Node) => void calls.push(`keep ${id}`),
    signal: never,
  });
}

function hanging(): Promise<void> {
  return new Promise(() => {});
}

function cloudThat({ stop, remove }: Given): Cloud {
  return cloudOf({
    async stop({ id }) {
      calls.push(`stop ${id}`);
      await stop?.(id);
    },
    async remove({ id }) {
      calls.push(`remove ${id}`);
      await remove?.(id);
    },
  });
}
