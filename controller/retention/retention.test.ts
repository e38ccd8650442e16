import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findBuild, insertNode, insertLease, newId, swapState } from '#controller/store';
import { deleteBuildNow, markBuilds, pinBuild, planRetention, unpinBuild } from './index.ts';
import { DAY_MS, KEEP_ALL, never, openRetention, type RetentionFixture } from './test-support.ts';

let fixture: RetentionFixture;

beforeEach(async () => {
  fixture = await openRetention();
});

afterEach(() => fixture[Symbol.asyncDispose]());

describe('which builds go', () => {
  test('nothing goes unless somebody said so', async () => {
    for (let i = 0; i < 3; i++) await fixture.build();
    fixture.clock.pass(1000 * DAY_MS);
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([1, 2, 3]);
  });

  test('too old ones, but for the newest of their pipeline and branch', async () => {
    fixture.settings = { ...KEEP_ALL, builds: { age: 10 * DAY_MS, atLeast: 2, atMost: null } };
    for (let i = 0; i < 4; i++) await fixture.build();
    for (let i = 0; i < 3; i++) await fixture.build({ branch: 'docs' });
    await fixture.pass();
    expect(await fixture.numbers()).toHaveLength(7);
    fixture.clock.pass(10 * DAY_MS);
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([3, 4, 6, 7]);
  });

  test('the keeper wakes when the next one is too old', async () => {
    fixture.settings = { ...KEEP_ALL, builds: { age: DAY_MS / 2, atLeast: 0, atMost: null } };
    await fixture.build({ result: 'failure' });
    const ended = fixture.clock.now();
    const due = await fixture.pass();
    expect(due).toBeLessThanOrEqual(ended + DAY_MS / 2);
    fixture.clock.pass(ended + DAY_MS / 2 - fixture.clock.now() - 1);
    await fixture.keeper.run(never);
    expect(await fixture.numbers()).toEqual([1]);
    fixture.clock.pass(1);
    await fixture.keeper.run(never);
    expect(await fixture.numbers()).toEqual([]);
  });

  test('more than so many of one pipeline and branch, the oldest first', async () => {
    fixture.settings = { ...KEEP_ALL, builds: { age: null, atLeast: 0, atMost: 2 } };
    for (let i = 0; i < 4; i++) await fixture.build();
    await fixture.build({ pipeline: 'other' });
    await fixture.build({ branch: '' });
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([3, 4, 5, 6]);
  });

  test('the oldest of all, while they take too much together', async () => {
    for (let i = 0; i < 4; i++) {
      const { job } = await fixture.job(await fixture.build({ branch: `b${i % 2}` }));
      await fixture.artifact(job, { out: 'x' }, { stored_bytes: 94 });
    }
    fixture.settings = { ...KEEP_ALL, bytes: 300 };
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([2, 3, 4]);
    fixture.settings = { ...KEEP_ALL, bytes: 50 };
    await fixture.journal.commit((tx) =>
      tx.record({ kind: 'configuration', data: { id: 'configuration', state: 'applied' } }),
    );
    await fixture.pass();
    // What is left is the last good one of each branch.
    expect(await fixture.numbers()).toEqual([3, 4]);
  });

  test('the first rule that fits the branch counts, of projects that it names', async () => {
    fixture.settings = {
      ...KEEP_ALL,
      builds: { age: null, atLeast: 0, atMost: 1 },
      rules: [
        { branches: ['**', '!main'], projects: ['widget'], age: null, atLeast: 0, atMost: 3 },
        { branches: ['release/*'], projects: [], age: null, atLeast: 0, atMost: 2 },
      ],
    };
    for (const branch of ['main', 'release/1', ''])
      for (let i = 0; i < 4; i++) await fixture.build({ branch });
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([4, 7, 8, 12]);
  });

  test('the last good one of a branch stays, however many failed since', async () => {
    fixture.settings = { ...KEEP_ALL, builds: { age: DAY_MS, atLeast: 0, atMost: 1 } };
    await fixture.build();
    await fixture.build();
    for (let i = 0; i < 3; i++) await fixture.build({ result: 'failure' });
    fixture.clock.pass(30 * DAY_MS);
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([2]);
  });

  test('pinned and last good ones never go, whatever the rules are', async () => {
    const builds = fc.array(
      fc.record({
        branch: fc.constantFrom('', 'main', 'docs'),
        result: fc.constantFrom('success' as const, 'failure' as const, 'cancelled' as const),
        isPinned: fc.boolean(),
      }),
      { maxLength: 12 },
    );
    const limit = fc.option(fc.nat(4));
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(builds, limit, fc.nat(4), limit, async (rows, age, atLeast, atMost) => {
        // What earlier runs have left stays for the same reasons.
        const pipeline = `p${++runs}`;
        fixture.settings = {
          ...KEEP_ALL,
          builds: { age, atLeast, atMost: atMost === 0 ? 1 : atMost },
          bytes: 1,
        };
        const lastGood = new Map<string, number>();
        const safe = new Set<number>();
        const all = new Set<number>();
        for (const { isPinned, ...row } of rows) {
          const build = await fixture.build({ ...row, pipeline });
          const { id, number } = build;
          await fixture.job(build);
          all.add(number);
          if (isPinned) await pinBuild(fixture.journal, id, { actor: 'ann', reason: null });
          if (isPinned) safe.add(number);
          if (row.result === 'success') lastGood.set(row.branch, number);
        }
        fixture.clock.pass(DAY_MS);
        await fixture.pass();
        const left = (await fixture.numbers()).filter((number) => all.has(number));
        expect(new Set(left)).toEqual(new Set([...safe, ...lastGood.values()]));
      }),
      { numRuns: 25 },
    );
  });
});

describe('what keeps a build', () => {
  beforeEach(() => {
    fixture.settings = { ...KEEP_ALL, builds: { age: 1, atLeast: 0, atMost: null } };
  });

  test('a pin, until it is taken away', async () => {
    const build = await fixture.build({ result: 'failure' });
    await pinBuild(fixture.journal, build.id, { actor: 'ann', reason: 'the customer has it' });
    await fixture.pass();
    const { settings, store, clock } = fixture;
    const plan = await planRetention(store.db, settings, clock.now(), { withStaying: true, signal: never });
    expect(plan.staying).toMatchObject([{ reason: 'ann has pinned it: the customer has it' }]);
    await expect(deleteBuildNow(fixture.journal, build.id, 'bob')).rejects.toThrow('was pinned by ann');
    await unpinBuild(fixture.journal, build.id, 'ann');
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([]);
  });

  test('its node, until that is gone', async () => {
    const build = await fixture.build({ result: 'failure' });
    const { job } = await fixture.job(build);
    const node = await leased(job);
    await fixture.pass();
    await expect(deleteBuildNow(fixture.journal, build.id, 'bob')).rejects.toThrow(
      `its node ${node} is held`,
    );
    expect(await fixture.numbers()).toEqual([1]);
    await fixture.journal.commit(async (tx) => {
      await swapState(tx.db, 'nodes', node, ['held'], 'deleted', {}, tx.at);
      await tx.record({ kind: 'node', nodeId: node, data: { id: node, state: 'deleted' } });
    });
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([]);
  });

  test('an artifact that is on its way still', async () => {
    const build = await fixture.build({ result: 'failure' });
    const { job } = await fixture.job(build);
    await fixture.artifact(job, {}, { state: 'waiting' });
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([1]);
  });

  test('what began to need it since the plan was made', async () => {
    const build = await fixture.build({ result: 'failure' });
    fixture.clock.pass(DAY_MS);
    const { settings, store, clock, journal } = fixture;
    const { going } = await planRetention(store.db, settings, clock.now(), { signal: never });
    expect(going).toMatchObject([{ build: { id: build.id } }]);
    await fixture.build({ state: 'queued', result: null, rerun_of: build.id });
    expect(await markBuilds(journal, going, never)).toEqual([]);
    expect(await fixture.numbers()).toEqual([1, 2]);
  });

  test('a rerun that has results of it, and goes before it', async () => {
    const first = await fixture.build({ result: 'failure' });
    const { job } = await fixture.job(first);
    const second = await fixture.build({ result: 'failure', rerun_of: first.id });
    await fixture.job(second, { reused_from: job });
    await pinBuild(fixture.journal, second.id, { actor: 'ann', reason: null });
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([1, 2]);
    await unpinBuild(fixture.journal, second.id, 'ann');
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([1]);
    await fixture.pass();
    expect(await fixture.numbers()).toEqual([]);
  });
});

describe('a build that goes', () => {
  test('takes all that it left along, and nothing of others', async () => {
    const build = await fixture.build({ result: 'failure' });
    const { job } = await fixture.job(build);
    await fixture.artifact(job, { a: '1', 'b/c': '2' });
    await fixture.artifact(job, { d: '3' }, { position: 1, name: 'other' });
    const other = await fixture.build();
    const { job: otherJob } = await fixture.job(other);
    await fixture.artifact(otherJob, { a: '1' });
    const mine = (await fixture.keys()).filter((key) => key.includes(other.id)).length + 3;
    await deleteBuildNow(fixture.journal, build.id, 'ann');
    expect(await findBuild(fixture.store.db, build.id)).toBeUndefined();
    await fixture.keeper.run(never);
    expect(await fixture.keys()).toHaveLength(mine);
    for (const table of ['jobs', 'steps', 'artifacts', 'artifact_files', 'builds'] as const) {
      const { count } = await fixture.store.db
        .selectFrom(table)
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      expect({ table, count }).toEqual({ table, count: 1 });
    }
  });

  test('is not removed before it has ended', async () => {
    const build = await fixture.build({ state: 'running', result: null, finished_at: null });
    await expect(deleteBuildNow(fixture.journal, build.id, 'ann')).rejects.toThrow('has not ended');
    expect(await fixture.numbers()).toEqual([1]);
  });
});

async function leased(job: string): Promise<string> {
  const { store, clock } = fixture;
  const node = newId();
  await insertNode(store.db, {
    id: node,
    cloud: 'process',
    template: 'small',
    labels: [],
    template_digest: '',
    hedge: 0,
    state: 'held',
    state_since: 1,
    session_epoch: 0,
    removal_failures: 0,
    created_at: 1,
  });
  const lease = { id: newId(), job_id: job, epoch: 1, state: 'ended' as const, created_at: clock.now() };
  await insertLease(store.db, { lease, nodes: [{ node_id: node, role: 'main' }] });
  return node;
}
