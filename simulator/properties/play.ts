import { hasWantedImage, pinOf } from '#controller/matching';
import { UNLEASED } from '#controller/nodes';
import type { Node } from '#controller/store';
import { NO_POOL, fixedPool, startFootman, type LoopOptions } from '#simulator/policies';
import { createRandom } from '#simulator/random';
import { createSite, type Site } from '#simulator/site';
import { moveNode, retireUnleased, submitJob, type Job } from '#simulator/world';
import type { Schedule, ScheduledEvent, ScheduledJob } from './schedule.ts';

/** What came of a schedule. */
export interface Played {
  /** In the order of the schedule. */
  jobs: readonly Job[];
  violations: readonly string[];
  /** Nodes that wait for a version of an image that no job wants, as sentences. */
  idle: readonly string[];
  /** Nodes and resources that are left after everything was let go, as sentences. */
  left: readonly string[];
}

/** How long a schedule takes at most, with everything that follows from it. */
const LIMIT_MS = 7 * 24 * 60 * 60_000;
/** Loops that don't hear of what happens look by themselves. */
const LOOK_MS = 60_000;
/** After the last job, with launches that hang. */
const SETTLING_MS = 10 * 60_000;

/** Plays the schedule to its end; then all pools, holds and cordons are let go, and all nodes have their time to go. */
export async function play(schedule: Schedule): Promise<Played> {
  const site = createSite(schedule.model, schedule.seed, fixedPool(schedule.minReady));
  const { clock, world } = site;
  const hearing = createRandom(schedule.seed, 'hearing');
  const loops: LoopOptions = { idleMs: LOOK_MS, hears: () => hearing.next() >= schedule.deafness };
  site.driver = startFootman(site, loops);
  const twin = schedule.hasTwin ? startFootman(site, loops) : undefined;
  const ended = new Map<string, Job>();
  world.onJobEnd = (job) => void ended.set(job.id, job);
  watch(site);

  for (const [index, job] of schedule.jobs.entries())
    clock.after(job.at, () => submit(site, `job-${index}`, job, schedule.model.jobs.queueTimeoutMs));
  let pending = schedule.events.length;
  for (const event of schedule.events) {
    clock.after(event.at, () => {
      pending -= 1;
      if (event.kind === 'restart') restart();
      else happen(site, event);
    });
  }
  const latest = clock.now() + LIMIT_MS;
  await clock.run(() => clock.now() > latest || (ended.size === schedule.jobs.length && pending === 0));
  const settled = clock.now() + SETTLING_MS;
  await clock.run(() => clock.now() > settled || pinnedNodes(site).length === 0);
  const idle = pinnedNodes(site).map(({ id }) => `node ${id} waits for nobody`);
  letGo(site);
  await clock.run(() => clock.now() > latest || world.nodes.size === 0);
  await site.driver.stop();
  await twin?.stop();
  return {
    jobs: schedule.jobs.flatMap((_, index) => ended.get(`job-${index}`) ?? []),
    violations: world.violations,
    idle,
    left: leftOf(site),
  };

  /** The controller dies, and is there again at once; what it had asked of clouds goes on without it. */
  function restart(): void {
    void site.driver?.stop();
    site.driver = startFootman(site, loops);
  }
}

function submit({ clock, world }: Site, id: string, job: ScheduledJob, queueTimeoutMs: number): void {
  const { runsOn, images, durationMs, isHeld } = job;
  const now = clock.now();
  const queued = {
    id,
    buildId: id,
    runsOn,
    images,
    queuedAt: now,
    deadline: now + queueTimeoutMs,
    rank: now,
    priority: 50,
    project: null,
  };
  submitJob(world, queued, { durationMs, isHeld });
}

function happen({ world, agents }: Site, event: Exclude<ScheduledEvent, { kind: 'restart' }>): void {
  if ('target' in event) {
    const { kind, target } = event;
    const cordon = { target, reason: 'a test', actor: 'test', at: world.clock.now() };
    if (kind === 'cordon') world.cordons.set(target, cordon);
    else world.cordons.delete(target);
    world.commit(() => world.record({ kind: 'cordon', data: { id: target, state: kind } }));
    return;
  }
  const nodes = world.nodes.all();
  const node = nodes[event.pick % Math.max(1, nodes.length)];
  if (node === undefined) return;
  world.commit(() => {
    if (event.kind === 'lose') agents.lose(node.id);
    if (event.kind === 'delete') retireUnleased(world, node.id, 'somebody deleted it');
    if (event.kind === 'release') release(world, node.id);
  });
}

const RELEASED = 'it was released';

function release(world: Site['world'], id: string): void {
  moveNode(world, id, ['held'], 'deleting', { removal_due_at: world.clock.now(), reason: RELEASED });
}

/** A held node stays until it is released (I6); a cordoned one gets no job, and none gets one that wants another image. */
function watch(site: Site): void {
  const { world, clouds } = site;
  const held = new Set<string>();
  world.subscribe((changes) => {
    for (const { kind, data } of changes) {
      if (kind !== 'node') continue;
      if (data.state === 'planned' && isBeyondQuota(site, String(data['cloud'])))
        world.violations.push(`node ${data.id} is more than its cloud may have (L11)`);
      if (data.state === 'held') held.add(data.id);
      if (data.state === 'leased' && held.has(data.id))
        world.violations.push(`node ${data.id} was leased though it was held before (I1)`);
      if (data.state === 'leased' && !isWanted(world, data.id))
        world.violations.push(`node ${data.id} was leased to a job that wants another image`);
      if (data.state === 'leased' && isCordoned(world, data.id))
        world.violations.push(`node ${data.id} was leased though it is cordoned`);
      if (data.state === 'deleting' && held.has(data.id) && data.reason !== RELEASED)
        world.violations.push(`node ${data.id} goes though nobody released it (I6)`);
      const isThere = clouds.some(({ resources }) => resources.has(data.id));
      if (data.state === 'deleting' && held.has(data.id) && !isThere)
        world.violations.push(`node ${data.id} was held, and is not there (I6)`);
    }
  });
}

function isBeyondQuota({ world, fleet }: Site, name: string): boolean {
  const most = fleet.cloud(name)?.quota.nodes ?? Infinity;
  return world.nodes.all().filter(({ cloud }) => cloud === name).length > most;
}

function isCordoned({ nodes, cordons }: Site['world'], id: string): boolean {
  const node = nodes.get(id);
  return node !== undefined && (cordons.has(node.cloud) || cordons.has(`${node.cloud}/${node.template}`));
}

function isWanted({ nodes, jobs, jobOfNode }: Site['world'], id: string): boolean {
  const [node, job] = [nodes.get(id), jobs.get(jobOfNode.get(id) ?? '')];
  return node === undefined || job === undefined || hasWantedImage(node, job.queued.images);
}

/** Nodes for one version of an image that wait for a job, or will. */
function pinnedNodes({ world }: Site): Node[] {
  return world.nodes
    .all()
    .filter((node) => pinOf(node) !== null && isUnleased(node) && !isCordoned(world, node.id));
}

function isUnleased({ state }: Node): boolean {
  return (UNLEASED as readonly string[]).includes(state);
}

function letGo(site: Site): void {
  const { world } = site;
  site.setPools(NO_POOL);
  world.commit(() => {
    world.cordons.clear();
    world.record({ kind: 'cordon', data: { id: 'all', state: 'uncordon' } });
    for (const { id } of world.nodes.all()) release(world, id);
  });
}

function leftOf({ world, clouds }: Site): string[] {
  const nodes = world.nodes.all().map(({ id, state }) => `node ${id} is ${state}`);
  const resources = clouds.flatMap(({ resources }) => [...resources.keys()]);
  return [...nodes, ...resources.map((id) => `a resource of node ${id} is there`)];
}
