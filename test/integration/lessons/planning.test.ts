import { describe, expect, test } from 'vitest';
import { jobsInStates, liveNodes, nodesInStates, recentNodes, type Node } from '#controller/store';
import { GOOD_LAUNCH } from '#test/provisioning/fates';
import { launches, nodesQuota, scriptedCloud, scriptedTemplate } from '#test/provisioning/scripted';
import { openSite, type PlannedJob, type Site } from '#test/provisioning/site';

/** The controller's own parts over a real store, where time is the test's: what an hour of a sick cloud does is seen in a second. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('L3: each state has its own time limit, counted from entering it:', () => {
  test('a node that is slow in each of them is not killed, neither by the others nor by the clocks of idle nodes', async () => {
    const pool = { minReady: 1, schedule: [], learning: null, maxReadyAgeMs: 20_000 };
    await using site = await openSite({
      clouds: [
        scriptedCloud('one', [scriptedTemplate('one', ['linux'], { pool })], {
          // Both are nearly as long as they may be, together much longer than either, and than a ready node may wait.
          fates: { launches: launches(1, { launchMs: 59_000, connectMs: 44_000 }) },
        }),
      ],
    });
    const began = site.now();
    await site.until(async () => (await nodesInStates(site.store.db, ['ready'])).length > 0);
    expect(site.now() - began).toBe(103_000);
    expect(await recentNodes(site.store.db, 10)).toHaveLength(1);
    // The age of a ready node counts from when it was ready; it goes when another one has come in its place.
    await site.until(async () => (await liveNodes(site.store.db)).some(({ state }) => state === 'deleting'));
    expect(site.now() - began).toBe(103_000 + 20_000 + 7_000);
  });

  test.each([
    { slow: { outcome: 'hangs' as const }, failure: 'launch', after: 60_000 },
    { slow: { outcome: 'silent' as const }, failure: 'connect', after: 2_000 + 45_000 },
  ])('one that takes longer fails by its own: $failure', async ({ slow, failure, after }) => {
    await using site = await openSite({
      clouds: [
        scriptedCloud('one', [scriptedTemplate('one', ['linux'])], {
          fates: { launches: launches(1, slow) },
        }),
      ],
    });
    const began = site.now();
    send(site, 1);
    await site.until(async () => (await nodesOf(site)).some((node) => node.failure !== null));
    const failed = (await nodesOf(site)).find((node) => node.failure !== null);
    expect(failed?.failure).toBe(failure);
    expect(site.now() - began).toBe(after);
    await ended(site);
  });
});

describe('L10: nodes are planned the moment a job is queued:', () => {
  test('sixty jobs have sixty nodes on their way, and each gets its node, in no time at all', async () => {
    await using site = await openSite({
      clouds: [scriptedCloud('one', [scriptedTemplate('one', ['linux'])])],
    });
    // In the middle between two looks that nobody has asked for.
    send(site, 60, { at: 100_001 });
    const queuedAt = site.now() + 100_001;
    await ended(site);
    const nodes = await nodesOf(site);
    expect(nodes.map(({ created_at: at }) => at)).toEqual(Array(60).fill(queuedAt));
    for (const { ready_at: readyAt, leased_at: leasedAt } of nodes) {
      expect(leasedAt).toBe(readyAt);
      expect(readyAt).toBe(queuedAt + 7_000);
    }
  });
});

describe('L11: a cloud that fails is not stormed:', () => {
  test('a hundred jobs and an hour of failures: what is not yet gone counts, and a breaker is between the tries', async () => {
    await using site = await openSite({
      clouds: [
        scriptedCloud('one', [scriptedTemplate('one', ['linux'])], {
          quota: nodesQuota(5),
          fates: {
            launches: launches(1_000, { outcome: 'fails', launchMs: 100 }),
            removals: Array.from({ length: 1_000 }, () => ({ outcome: 'fails' as const, ms: 1_000 })),
          },
        }),
      ],
    });
    send(site, 100);
    const until = site.now() + HOUR;
    await site.until(async () => {
      expect((await liveNodes(site.store.db)).length).toBeLessThanOrEqual(5);
      return site.now() > until;
    });
    // Nothing that was launched is gone: not one more than the quota.
    expect(site.providers[0]?.asked).toHaveLength(5);
  });

  test('with room for all of them, it is asked a few times an hour', async () => {
    await using site = await openSite({
      clouds: [
        scriptedCloud('one', [scriptedTemplate('one', ['linux'])], {
          fates: { launches: launches(10_000, { outcome: 'fails', launchMs: 100 }) },
        }),
      ],
    });
    send(site, 3);
    const until = site.now() + HOUR;
    await site.until(() => site.now() > until);
    // Three at first, then one probe each time: after 1, 2, 4 … 512 seconds, and every ten minutes.
    const asked = site.providers[0]?.asked.length ?? 0;
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(25);
  });

  test('a token bucket bounds it while all goes well', async () => {
    await using site = await openSite({
      clouds: [
        scriptedCloud('one', [scriptedTemplate('one', ['linux'])], {
          launchRate: { perMinute: 6, burst: 3 },
        }),
      ],
    });
    const began = site.now();
    send(site, 9);
    await ended(site);
    const asked = (site.providers[0]?.asked ?? []).map((at) => at - began);
    expect(asked).toEqual([0, 0, 0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
  });
});

describe('L12: no failure is for ever:', () => {
  test('a template that failed for most of a day serves again within ten minutes of being healed', async () => {
    let isSick = true;
    await using site = await openSite({
      clouds: [
        scriptedCloud('one', [scriptedTemplate('one', ['linux'])], {
          fates: { launches: () => (isSick ? { ...GOOD_LAUNCH, outcome: 'fails' } : undefined) },
        }),
      ],
    });
    send(site, 1);
    const healed = site.now() + 20 * HOUR;
    await site.until(() => site.now() >= healed);
    expect(await jobsInStates(site.store.db, ['queued'])).toHaveLength(1);
    isSick = false;
    await ended(site);
    expect(site.now() - healed).toBeLessThan(11 * MINUTE);
  });

  test('refusals for want of room open no breaker, however many: the node comes as soon as there is room', async () => {
    await using site = await openSite({
      clouds: [
        scriptedCloud('one', [scriptedTemplate('one', ['linux'])], {
          fates: { launches: launches(50, { outcome: 'aborts' }) },
        }),
      ],
    });
    const began = site.now();
    send(site, 1);
    await ended(site);
    // Fifty short pauses, the launch and the job; a breaker would have been open for hours.
    expect(site.now() - began).toBeLessThan(3 * MINUTE);
  });
});

describe('L13: who can not be served is in nobody’s way:', () => {
  test('one job that has to wait for ever, the first of all, and 257 others that are served', async () => {
    await using site = await openSite({
      clouds: [
        scriptedCloud('one', [
          scriptedTemplate('one', ['linux']),
          scriptedTemplate('one', ['linux', 'gpu'], { quota: nodesQuota(0) }),
        ]),
      ],
    });
    send(site, 1, { runsOn: 'gpu', priority: 100 });
    send(site, 257, { at: 1 });
    await site.until(async () => site.toCome() === 0 && (await waiting(site)).length === 1);
    const [job = ''] = await waiting(site);
    expect(await site.life()?.provisioner.explain(job)).toMatchObject({
      candidates: [
        { template: 'gpu', code: 'quota', reason: 'template one/gpu is at its quota: 0 of 0 nodes' },
      ],
    });
    expect(site.violations).toEqual([]);
  });

  test('one job that nobody can ever serve ends at once, and says why', async () => {
    await using site = await openSite({
      clouds: [scriptedCloud('one', [scriptedTemplate('one', ['linux'])])],
    });
    const began = site.now();
    send(site, 1, { runsOn: 'lunix' });
    await ended(site);
    expect(site.now()).toBe(began);
    const [job] = await jobsInStates(site.store.db, ['finished']);
    expect(job).toMatchObject({ result: 'errored', reason: expect.stringContaining('did you mean `linux`') });
  });
});

function send(site: Site, count: number, parts: Partial<PlannedJob> = {}): void {
  const job = { at: 0, runsOn: 'linux', priority: 50, durationMs: 10_000, isHeld: false, ...parts };
  for (let index = 0; index < count; index += 1) site.submit(job);
}

async function waiting({ store }: Site): Promise<string[]> {
  const jobs = await jobsInStates(store.db, ['blocked', 'queued', 'leased', 'running']);
  return jobs.map(({ id }) => id);
}

function ended(site: Site): Promise<void> {
  return site.until(async () => site.toCome() === 0 && (await waiting(site)).length === 0);
}

/** All that there ever were, oldest first. */
async function nodesOf({ store }: Site): Promise<Node[]> {
  return (await recentNodes(store.db, 1_000)).toReversed();
}
