import type { PoolSettings, Template } from '#controller/fleet';
import { createLabelMatcher } from '#controller/matching';
import { findNode, jobsInStates, liveNodes, type Node, type NodeState } from '#controller/store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fates, LaunchFate } from '#test/provisioning/fates';
import { inspect } from '#test/provisioning/inspect';
import { REAPED_MS, SWEPT_MS } from '#test/provisioning/life';
import { launches, nodesQuota, scriptedCloud, scriptedTemplate } from '#test/provisioning/scripted';
import {
  openSite,
  type PlannedJob,
  type ScriptedCloud,
  type Site,
  type SiteSettings,
} from '#test/provisioning/site';

/** The controller's own parts over a real store, on random schedules of jobs, faults and deaths. */

const MINUTE = 60_000;
/** From the last job or death on: a breaker may be open for ten minutes, and what is late comes after ten. */
const PATIENCE_MS = 90 * MINUTE;
/** For nodes to go, and for pools to replace theirs; and whatever clouds do meanwhile is given its time, too. */
const QUIET_MS = 30 * MINUTE;

interface Schedule extends SiteSettings {
  jobs: readonly PlannedJob[];
}

const fates: fc.Arbitrary<Fates> = fc.record({
  launches: fc.array(
    fc.record({
      outcome: fc.constantFrom(
        'accepted',
        'accepted',
        'accepted',
        'fails',
        'aborts',
        'loses-answer',
        'hangs',
        'late',
        'silent',
      ),
      launchMs: fc.integer({ min: 0, max: 40_000 }),
      answerMs: fc.constantFrom(0, 0, 15_000),
      connectMs: fc.integer({ min: 0, max: 40_000 }),
      vanishesAfterMs: fc.option(fc.integer({ min: 0, max: 5 * MINUTE }), { freq: 4 }),
    }),
    { maxLength: 12 },
  ),
  stops: fc.array(fc.constantFrom('done', 'fails', 'hangs'), { maxLength: 6 }),
  removals: fc.array(
    fc.record({
      outcome: fc.constantFrom('done', 'fails', 'loses-answer', 'hangs'),
      ms: fc.integer({ min: 0, max: 40_000 }),
    }),
    { maxLength: 6 },
  ),
  listings: fc.array(fc.constantFrom('whole', 'fails', 'lags', 'hangs'), { maxLength: 10 }),
});

const quota = fc.integer({ min: 1, max: 4 }).map(nodesQuota);

const pool: fc.Arbitrary<PoolSettings> = fc.record({
  minReady: fc.constantFrom(0, 0, 1, 2),
  schedule: fc.constant([]),
  learning: fc.constant(null),
  maxReadyAgeMs: fc.constantFrom(null, 5 * MINUTE),
});

function templateOf(cloud: string, labels: string[]): fc.Arbitrary<Template> {
  return fc.record({ pool, quota }).map((limits) => scriptedTemplate(cloud, labels, limits));
}

function cloudOf(name: string, templates: fc.Arbitrary<Template>[]): fc.Arbitrary<ScriptedCloud> {
  const launchRate = fc.constantFrom(null, { perMinute: 6, burst: 2 });
  return fc
    .record({ quota, fates, templates: fc.tuple(...templates), launchRate })
    .map(({ templates: made, ...rest }) => scriptedCloud(name, made, rest));
}

const schedules: fc.Arbitrary<Schedule> = fc.record({
  clouds: fc.tuple(
    cloudOf('one', [templateOf('one', ['linux']), templateOf('one', ['linux', 'arm'])]),
    cloudOf('two', [templateOf('two', ['linux', 'big'])]),
  ),
  deaths: fc.array(
    fc.record({ commits: fc.integer({ min: 1, max: 60 }), downMs: fc.integer({ min: 0, max: 3 * MINUTE }) }),
    { maxLength: 3 },
  ),
  jobs: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 10 * MINUTE }),
      runsOn: fc.constantFrom('linux', 'linux', 'arm', 'big', 'linux && !big', 'arm || big', 'nowhere'),
      priority: fc.integer({ min: 0, max: 100 }),
      durationMs: fc.integer({ min: 0, max: 3 * MINUTE }),
      isHeld: fc.constantFrom(false, false, false, false, false, true),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

test(
  'whatever clouds and controllers do: one job a node, no quota exceeded, nothing leaked, what is held stays, nobody waits without a reason (I1, I2, I6, I8, L11, L13)',
  { timeout: 180_000 },
  async () => {
    const limits = { numRuns: 300, interruptAfterTimeLimit: 60_000 };
    await fc.assert(fc.asyncProperty(schedules, keepsItsPromises), limits);
  },
);

// Both come to pass minutes before the quiet would be over, had clouds done nothing in it.
test.each<{ before: number; fate: Partial<LaunchFate> }>([
  { before: 5, fate: { outcome: 'late' } },
  { before: 6, fate: { vanishesAfterMs: 4.5 * MINUTE } },
])(
  'a pool goes on replacing its nodes when all jobs are done, and what clouds do then is seen to: $fate',
  async ({ before, fate }) => {
    const pool = { minReady: 1, schedule: [], learning: null, maxReadyAgeMs: 5 * MINUTE };
    const templates = [scriptedTemplate('one', ['linux'], { pool })];
    const fates = { launches: [...launches(before, {}), ...launches(1, fate)] };
    const job = { at: 0, runsOn: 'linux', priority: 50, durationMs: 1_000, isHeld: false };
    await keepsItsPromises({ clouds: [scriptedCloud('one', templates, { fates })], jobs: [job] });
  },
);

// A stopped node waits there at all times, and a new one is on its way when patience with the pool ends.
test('a pool that goes on replacing its nodes beside a job that waits for a held one leaks nothing', async () => {
  const pool = { minReady: 1, schedule: [], learning: null, maxReadyAgeMs: 350_000 };
  const one = scriptedCloud('one', [scriptedTemplate('one', ['linux'])], { quota: nodesQuota(1) });
  const two = scriptedCloud('two', [scriptedTemplate('two', ['big'], { pool })], { quota: nodesQuota(3) });
  const job = { runsOn: 'linux', priority: 50, durationMs: 1_000, isHeld: true };
  const jobs = [0, 1_000].map((at) => Object.assign({ at }, job));
  await keepsItsPromises({ clouds: [one, two], jobs });
});

async function keepsItsPromises(schedule: Schedule): Promise<void> {
  await using site = await openSite(schedule);
  const matcher = createLabelMatcher();
  for (const job of schedule.jobs) site.submit(job);
  const latest = site.now() + 10 * MINUTE + PATIENCE_MS;
  await runUntil(
    async () => site.now() > latest || (site.toCome() === 0 && (await unfinished(site)).length === 0),
  );
  const quietFrom = site.now() + QUIET_MS;
  await runUntil(async () => {
    const quietAt = Math.max(quietFrom, site.calmAt() + SWEPT_MS);
    return site.now() > quietAt + QUIET_MS || (site.now() > quietAt && (await restless(site)).length === 0);
  });
  expect(await restless(site)).toEqual([]);
  await expectNothingLeaked(site);
  for (const job of await unfinished(site)) await expectReason(site, job);

  async function runUntil(isOver: () => Promise<boolean>): Promise<void> {
    do expect([...site.violations, ...(await inspect(site, schedule.clouds, matcher))]).toEqual([]);
    while (!(await isOver()) && (await site.step()));
  }
}

/** Where there is a resource, and nothing is awaited: what goes may wait for a threshold, while jobs wait behind what is held. */
const RESTFUL: ReadonlySet<NodeState> = new Set(['ready', 'held', 'deleting']);

/** Nodes on their way: a pool that replaces its own has one every few minutes, and none in between. */
async function restless({ store }: Site): Promise<Node[]> {
  return (await liveNodes(store.db)).filter(({ state }) => !RESTFUL.has(state));
}

/** Rows and resources are the same, on both sides, and what is to go does (I2); and what is held is there (I6). */
async function expectNothingLeaked({ store, providers, held, now }: Site): Promise<void> {
  const nodes = await liveNodes(store.db);
  const overdue = nodes.filter(
    ({ state, state_since: since }) => state === 'deleting' && now() - since > REAPED_MS,
  );
  expect(overdue).toEqual([]);
  const rows = new Set(nodes.map(({ id }) => id));
  const resources = providers.flatMap(({ resources: all }) => [...all.values()]);
  const existing = new Set(resources.map(({ nodeId }) => nodeId));
  expect(nodes.filter(({ id }) => !existing.has(id))).toEqual([]);
  expect(resources.filter(({ nodeId }) => !rows.has(nodeId))).toEqual([]);
  for (const id of held) expect(await findNode(store.db, id)).toMatchObject({ state: 'held' });
}

/** What still waits does so because held nodes fill up whatever could serve it, and says so (I8). */
async function expectReason(site: Site, job: string): Promise<void> {
  const explanation = await site.life()?.provisioner.explain(job);
  expect(explanation?.candidates).not.toHaveLength(0);
  for (const { code, reason } of explanation?.candidates ?? []) {
    expect(code).toBe('quota');
    expect(reason).toMatch(/at its quota/);
  }
  expect(site.held.size).toBeGreaterThan(0);
}

async function unfinished({ store }: Site): Promise<string[]> {
  const jobs = await jobsInStates(store.db, ['blocked', 'queued', 'leased', 'running']);
  return jobs.map(({ id }) => id);
}
