import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HoldSettings } from '#controller/config';
import { createFleet, type OpenCloud, type Quota } from '#controller/fleet';
import { addAutohold, extendHold, releaseHold } from '#controller/holds';
import { createLogger } from '#controller/logger';
import {
  eventsAfter,
  findAutohold,
  findHold,
  findNode,
  listAudit,
  patchHold,
  type Hold,
} from '#controller/store';
import { HOUR, MINUTE, openHolds, SETTINGS, type HoldsFixture } from '../holds/test-support.ts';
import { cloudOf, templateOf } from '../provisioner/test-support.ts';
import { createHoldKeeper, type HoldKeeper } from './index.ts';

const ALICE = { actor: 'alice', isAdmin: false };

let fixture: HoldsFixture;
let keeper: HoldKeeper;
let settings: HoldSettings;
let stopping: AbortController;
/** What was told, in order; `answer` is what its receiver does. */
let told: Record<string, unknown>[];
let answer: () => Promise<void>;
let cloud: Partial<OpenCloud>;
let quota: Quota;

beforeEach(async () => {
  fixture = await openHolds();
  settings = { ...SETTINGS };
  told = [];
  answer = () => Promise.resolve();
  cloud = {};
  quota = { nodes: null, cpus: null, memoryBytes: null };
  start();
});

afterEach(async () => {
  stopping.abort(new Error('the test is over'));
  await keeper.settled();
  await fixture[Symbol.asyncDispose]();
});

/** Another life of the controller. */
function start(): void {
  stopping?.abort(new Error('the controller stops'));
  stopping = new AbortController();
  keeper = createHoldKeeper({
    ...fixture,
    logger: createLogger('silent'),
    fleet: createFleet([cloudOf('local', [templateOf({ quota, settings: 'host' })], cloud)]),
    settings: () => settings,
    signal: stopping.signal,
    send: async (_webhook, { notice }) => {
      await answer();
      told.push(notice);
    },
  });
}

function pass(ms = 0): Promise<number | null> {
  fixture.clock.pass(ms);
  return keeper.run(stopping.signal);
}

async function now({ id }: Hold): Promise<Hold> {
  const hold = await findHold(fixture.store.db, id);
  if (hold === undefined) throw new Error('the hold has no row');
  return hold;
}

async function nodeState({ node_id: id }: Hold): Promise<string | undefined> {
  return (await findNode(fixture.store.db, id))?.state;
}

async function reminders(): Promise<number> {
  const events = await eventsAfter(fixture.store.db, 0, { limit: 1000 });
  return events.filter(({ kind, data }) => kind === 'hold' && data['reminder'] === true).length;
}

function occasions(): unknown[] {
  return told.map(({ event }) => event);
}

describe('a hold that begins', () => {
  test('gets its time, which counts from its begin, and no more than the most', async () => {
    const [plain, wanted, long] = [
      await fixture.held(),
      await fixture.held({ wish: { forMs: HOUR } }),
      await fixture.held({ wish: { forMs: 100 * HOUR } }),
    ];
    const begin = plain.created_at;
    await pass(MINUTE);
    expect(await now(plain)).toMatchObject({ admitted: 1, expires_at: begin + 4 * HOUR });
    expect(await now(wanted)).toMatchObject({ expires_at: begin + HOUR, latest_at: begin + 24 * HOUR });
    expect(await now(long)).toMatchObject({ expires_at: begin + 24 * HOUR });
    const [entry] = await listAudit(fixture.store.db, { subject: plain.id, limit: 1 });
    expect(entry).toMatchObject({ action: 'hold.begun', actor: 'alice' });
  });

  test('goes where its owner has as many as anybody may', async () => {
    settings.perUser = 1;
    const first = await fixture.held();
    await pass();
    const second = await fixture.held();
    const others = await fixture.held({ wish: { owner: 'bob' } });
    await pass();
    expect(await now(second)).toMatchObject({
      state: 'released',
      outcome: 'could not be kept: alice has 1 held node, and nobody may have more',
    });
    expect(await nodeState(second)).toBe('deleting');
    expect([await nodeState(first), await nodeState(others)]).toEqual(['held', 'held']);
  });

  test('goes where its template has as many as it may', async () => {
    settings.perTemplate = 1;
    const first = await fixture.held({ wish: { owner: 'bob' } });
    const second = await fixture.held();
    await pass();
    expect([await nodeState(first), await nodeState(second)]).toEqual(['held', 'deleting']);
  });

  test('never takes the last place of its template by itself, but for whom asks for it', async () => {
    quota = { nodes: 2, cpus: null, memoryBytes: null };
    start();
    const first = await fixture.held({ wish: { origin: 'pipeline' } });
    const second = await fixture.held({ wish: { origin: 'autohold' } });
    await pass();
    expect([await nodeState(first), await nodeState(second)]).toEqual(['held', 'deleting']);
    expect((await now(second)).outcome).toContain('the last place for jobs');
    const asked = await fixture.held({ wish: { origin: 'request' } });
    await pass();
    expect(await nodeState(asked)).toBe('held');
  });

  test('never takes the last place of its cloud by itself, whatever of it is kept for urgent jobs', async () => {
    cloud = {
      quota: { nodes: 2, cpus: null, memoryBytes: null },
      reserve: { nodes: 1, priority: 90 },
    };
    start();
    const first = await fixture.held({ wish: { origin: 'rerun' } });
    const second = await fixture.held({ wish: { origin: 'rerun' } });
    await pass();
    expect([await nodeState(first), await nodeState(second)]).toEqual(['held', 'deleting']);
  });

  test('never takes the last static host by itself', async () => {
    cloud = {
      cloud: { hosts: { of: () => ['red', 'blue'], reset: () => Promise.resolve() } } as never,
    };
    start();
    const first = await fixture.held({ wish: { origin: 'pipeline' }, node: { host: 'red' } });
    const second = await fixture.held({ wish: { origin: 'pipeline' }, node: { host: 'blue' } });
    await pass();
    expect([await nodeState(first), await nodeState(second)]).toEqual(['held', 'deleting']);
    expect((await now(second)).outcome).toContain('the last host');
  });
});

describe('a hold', () => {
  test('ends when its time is up, and not before, whichever life of the controller sees that', async () => {
    const hold = await fixture.held();
    expect(await pass()).toBeLessThan(hold.created_at + 4 * HOUR);
    await pass(4 * HOUR - 1);
    expect(await nodeState(hold)).toBe('held');
    start();
    await pass(1);
    expect(await now(hold)).toMatchObject({ state: 'expired', outcome: 'expired' });
    expect(await nodeState(hold)).toBe('deleting');
    expect(await pass()).toBeNull();
  });

  test('is reminded of its end once, and again of another end', async () => {
    const hold = await fixture.held();
    await pass();
    await pass(3.5 * HOUR);
    await pass(MINUTE);
    expect(await reminders()).toBe(1);
    await extendHold(fixture.journal, hold.id, 2 * HOUR, ALICE);
    await pass(MINUTE);
    expect(await reminders()).toBe(1);
    await pass(1.5 * HOUR);
    start();
    await pass(MINUTE);
    expect(await reminders()).toBe(2);
  });

  test('that is shorter than its reminder comes early is not reminded of its end', async () => {
    await fixture.held({ wish: { forMs: 20 * MINUTE } });
    await pass();
    await pass(10 * MINUTE);
    expect(await reminders()).toBe(0);
  });

  test('lasts as long as somebody is at work on it, but not longer than the most', async () => {
    settings.maximum = 6 * HOUR;
    const hold = await fixture.held();
    await pass();
    for (let minutes = 0; minutes < 355; minutes += 5) {
      await patchHold(fixture.store.db, hold.id, { used_at: fixture.clock.now() });
      await pass(5 * MINUTE);
      expect(await nodeState(hold)).toBe('held');
    }
    await patchHold(fixture.store.db, hold.id, { used_at: fixture.clock.now() });
    await pass(5 * MINUTE);
    expect(await now(hold)).toMatchObject({ state: 'expired', expires_at: hold.created_at + 6 * HOUR });
  });

  test('whose controller comes back too late ends at once', async () => {
    const hold = await fixture.held();
    start();
    await pass(30 * HOUR);
    expect(await now(hold)).toMatchObject({ state: 'expired' });
  });
});

describe('a standing rule', () => {
  test('ends when its time is up', async () => {
    const request = { project: null, pipeline: 'nightly', job: null, branch: null, count: 3 };
    const rest = { forMs: null, reason: null, keys: [], standsMs: HOUR };
    const rule = await addAutohold(fixture.journal, settings, { ...request, ...rest }, ALICE);
    expect(await pass()).toBe(rule.expires_at);
    await pass(HOUR);
    const { ended_at: end } = (await findAutohold(fixture.store.db, rule.id)) ?? {};
    expect(end).toBe(fixture.clock.now());
    const { hold } = await fixture.end(await fixture.submit(), { wish: null });
    expect(hold).toBeUndefined();
  });
});

describe('whom the configuration names', () => {
  beforeEach(() => {
    settings.webhook = { url: 'https://example.org/hook', secretEnv: null, secret: null };
  });

  test('hears of the begin, the reminder and the end, in their order', async () => {
    const hold = await fixture.held({ wish: { reason: 'to look at it' } });
    await pass();
    await pass(3.5 * HOUR);
    await releaseHold(fixture.journal, hold.id, ALICE);
    await pass();
    await keeper.settled();
    expect(occasions()).toEqual(['held', 'reminder', 'ended']);
    expect(told.at(-1)).toMatchObject({
      hold: { id: hold.id, owner: 'alice', reason: 'to look at it', outcome: 'was released by alice' },
      job: { key: 'test', result: 'failure' },
      build: { pipeline: 'nightly' },
    });
  });

  test('hears it later where they take nothing now, also from another life of the controller', async () => {
    answer = () => Promise.reject(new Error('it answered 500'));
    await fixture.held();
    await pass();
    stopping.abort(new Error('the controller stops'));
    await keeper.settled();
    expect(told).toEqual([]);
    answer = () => Promise.resolve();
    start();
    fixture.clock.pass(10 * MINUTE);
    await pass();
    await keeper.settled();
    expect(occasions()).toEqual(['held']);
  });

  test('hears nothing that is older than an hour, and all that is not, in spite of it', async () => {
    const lost = Promise.withResolvers<void>();
    answer = () => lost.promise;
    const hold = await fixture.held();
    await pass();
    fixture.clock.pass(HOUR);
    lost.reject(new Error('it answered 500'));
    await keeper.settled();
    answer = () => Promise.resolve();
    await releaseHold(fixture.journal, hold.id, ALICE);
    await pass();
    await keeper.settled();
    expect(occasions()).toEqual(['ended']);
  });
});
