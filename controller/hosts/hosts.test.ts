import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHostsFixture, type HostsFixture } from './test-support.ts';

const MINUTE = 60_000;
let fixture: HostsFixture;

beforeEach(async () => {
  fixture = await createHostsFixture('h1', 'h2');
});
afterEach(() => fixture.close());

describe('a new host', () => {
  test('is reset before it is free: nobody knows what state it is in (L12)', async () => {
    const resetting = fixture.hold('h1');
    await fixture.pass();
    expect(await fixture.states()).toEqual({ h1: 'resetting', h2: 'free' });
    expect(await fixture.claim('h1', 'n1')).toBe(false);
    resetting.resolve();
    await fixture.keeper.settled();
    expect(await fixture.free()).toEqual(['h1', 'h2']);
  });

  test('keeps no other host waiting while its reset hangs, and is quarantined at the time limit', async () => {
    fixture.hold('h1');
    await fixture.pass();
    expect(await fixture.free()).toEqual(['h2']);
    fixture.advance(10 * MINUTE);
    await fixture.keeper.settled();
    expect(await fixture.host('h1')).toMatchObject({
      state: 'quarantined',
      reason: 'its reset failed: there was no answer within 10m',
      failures: 1,
    });
  });

  test('is given the time that its cloud knows a reset to take', async () => {
    fixture.limitResets(30 * MINUTE);
    fixture.hold('h1');
    await fixture.pass();
    fixture.advance(30 * MINUTE - 1);
    expect(await fixture.states()).toMatchObject({ h1: 'resetting' });
    fixture.advance(1);
    await fixture.keeper.settled();
    expect(await fixture.host('h1')).toMatchObject({ reason: expect.stringContaining('within 30m') });
  });

  test('is quarantined a little later where the reset does not heed the time limit, and keeps nobody waiting', async () => {
    fixture.deafen('h1');
    fixture.hold('h1');
    await fixture.pass();
    fixture.advance(10 * MINUTE);
    expect(await fixture.states()).toMatchObject({ h1: 'resetting' });
    fixture.advance(5_000);
    await fixture.keeper.settled();
    expect(await fixture.states()).toMatchObject({ h1: 'quarantined' });
  });

  test('that is configured twice is one host', async () => {
    fixture.configure(['h1', 'h2'], ['h2', 'h3'], null);
    await fixture.pass();
    expect(fixture.resets().toSorted()).toEqual(['h1', 'h2', 'h3']);
  });
});

describe('a host', () => {
  beforeEach(() => fixture.pass());

  test('has one node at a time', async () => {
    expect(await fixture.claim('h1', 'n1')).toBe(true);
    expect(await fixture.claim('h1', 'n2')).toBe(false);
    expect(await fixture.free()).toEqual(['h2']);
  });

  test.each(['connecting', 'ready', 'leased', 'held', 'deleting'] as const)(
    'keeps its node while that is %s',
    async (state) => {
      await fixture.useHost('h1', { state });
      await fixture.pass();
      expect(await fixture.states()).toMatchObject({ h1: 'busy' });
    },
  );

  test('is reset once its node is gone, and free only after that (L12)', async () => {
    await fixture.useHost('h1', { state: 'deleted', ready_at: 1 });
    const resetting = fixture.hold('h1');
    await fixture.pass();
    expect(await fixture.states()).toMatchObject({ h1: 'resetting' });
    expect(await fixture.free()).toEqual(['h2']);
    resetting.resolve();
    await fixture.keeper.settled();
    expect(await fixture.host('h1')).toMatchObject({ state: 'free', node_id: null, failures: 0 });
  });

  test('of whose node nobody knows is reset', async () => {
    await fixture.claim('h1', 'never-written');
    await fixture.pass();
    expect(fixture.resets()).toEqual(['h1', 'h2', 'h1']);
    expect(await fixture.states()).toMatchObject({ h1: 'free' });
  });

  test('that rested longest goes first, one that failed lately goes last', async () => {
    await fixture.useHost('h1', { state: 'deleted', ready_at: 1 });
    fixture.advance(1);
    await fixture.pass();
    expect(await fixture.free()).toEqual(['h2', 'h1']);
    await fixture.useHost('h2', { state: 'deleted', failure: 'connect' });
    await fixture.pass();
    fixture.advance(30_000);
    await fixture.pass();
    await fixture.useHost('h1', { state: 'deleted', ready_at: 1 });
    fixture.advance(MINUTE);
    await fixture.pass();
    expect(await fixture.free()).toEqual(['h1', 'h2']);
  });
});

describe('quarantine (L12)', () => {
  beforeEach(() => fixture.pass());

  test.each(['launch', 'connect', 'check', 'lost', 'vanished'] as const)(
    'is where a host goes whose node failed: %s',
    async (failure) => {
      await fixture.useHost('h1', { state: 'deleted', failure, reason: 'it broke' });
      const due = await fixture.pass();
      expect(await fixture.host('h1')).toMatchObject({
        state: 'quarantined',
        reason: 'its node failed: it broke',
        failures: 1,
        node_id: null,
      });
      expect(due).toBe(fixture.now() + 30_000);
      expect(fixture.resets()).toEqual(['h1', 'h2']);
    },
  );

  test('is not for a host whose node was refused for want of room, or not wanted any more', async () => {
    await fixture.useHost('h1', { state: 'deleted', failure: 'aborted' });
    await fixture.useHost('h2', { state: 'deleted' });
    await fixture.pass();
    expect(await fixture.states()).toEqual({ h1: 'free', h2: 'free' });
  });

  test('ends by a reset that succeeds', async () => {
    await fixture.useHost('h1', { state: 'deleted', failure: 'check' });
    await fixture.pass();
    fixture.advance(29_999);
    await fixture.pass();
    expect(await fixture.states()).toMatchObject({ h1: 'quarantined' });
    fixture.advance(1);
    await fixture.pass();
    expect(await fixture.host('h1')).toMatchObject({
      state: 'free',
      failures: 1,
      reason: null,
      due_at: null,
    });
  });

  test('lasts twice as long after each failure, up to an hour, and a host is never given up', async () => {
    await fixture.useHost('h1', { state: 'deleted', failure: 'check' });
    fixture.breakHost('h1');
    const waits: number[] = [];
    for (let times = 0; times < 10; times += 1) {
      await fixture.pass();
      const due = (await fixture.host('h1'))?.due_at ?? fixture.now();
      waits.push(due - fixture.now());
      fixture.advance(due - fixture.now());
    }
    expect(waits.map((ms) => ms / MINUTE)).toEqual([0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    fixture.mendHost('h1');
    await fixture.pass();
    expect(await fixture.states()).toMatchObject({ h1: 'free' });
  });

  test('is remembered until a node of the host becomes ready', async () => {
    await fixture.useHost('h1', { state: 'deleted', failure: 'check' });
    await fixture.pass();
    fixture.advance(30_000);
    await fixture.pass();
    await fixture.useHost('h1', { state: 'deleted', failure: 'check' });
    expect(await fixture.pass()).toBe(fixture.now() + MINUTE);
    fixture.advance(MINUTE);
    await fixture.pass();
    await fixture.useHost('h1', { state: 'deleted', ready_at: 1 });
    await fixture.pass();
    expect(await fixture.host('h1')).toMatchObject({ state: 'free', failures: 0 });
  });
});

describe('after a crash', () => {
  test('a reset that was cut short is done again', async () => {
    fixture.hold('h1');
    await fixture.pass();
    fixture.restart();
    await fixture.pass();
    expect(fixture.resets()).toEqual(['h1', 'h2', 'h1']);
    expect(await fixture.states()).toEqual({ h1: 'free', h2: 'free' });
  });

  test('an earlier reset that ends late frees no host that is being reset again', async () => {
    const early = fixture.hold('h1');
    await fixture.pass();
    const before = fixture.keeper;
    fixture.restart();
    fixture.hold('h1');
    await fixture.pass();
    early.resolve();
    await before.settled();
    expect(await fixture.states()).toMatchObject({ h1: 'resetting' });
  });
});

describe('a host that is not configured any more', () => {
  beforeEach(() => fixture.pass());

  test('is forgotten, and new to us when it comes back', async () => {
    fixture.configure(['h2']);
    await fixture.pass();
    expect(await fixture.states()).toEqual({ h2: 'free' });
    fixture.configure(['h1', 'h2']);
    await fixture.pass();
    expect(fixture.resets()).toEqual(['h1', 'h2', 'h1']);
  });

  test('is remembered while a node is on it, and never reset after that', async () => {
    await fixture.useHost('h1', { state: 'leased' });
    fixture.configure(['h2']);
    await fixture.pass();
    expect(await fixture.states()).toEqual({ h1: 'busy', h2: 'free' });
    await fixture.endNode('h1');
    await fixture.pass();
    expect(await fixture.states()).toEqual({ h2: 'free' });
    expect(fixture.resets()).toEqual(['h1', 'h2']);
  });
});
