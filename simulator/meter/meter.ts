import type { Node, NodeState } from '#controller/store';
import type { Job, World } from '#simulator/world';
import { summarise, type Waits } from './waits.ts';

/** Hours that nodes spent, all together. */
export interface NodeHours {
  /** On their way to being ready, in vain or not. */
  starting: number;
  /** Ready, and waiting for a job. */
  idle: number;
  /** With a job, or kept after it: held, or for its uploads. */
  busy: number;
  /** Not wanted any more, and not yet gone. */
  removing: number;
}

/** What a policy achieved, and what it took. */
export interface Figures {
  jobs: number;
  /** Jobs that ended without their work being done, by why: for want of a node, or lost with it. */
  errored: { unplaced: number; lost: number };
  waits: Waits;
  /** Share of the jobs that found no node ready when they came. */
  coldStarts: number;
  nodeHours: NodeHours;
  cost: number;
  launches: number;
  /** Nodes that did not become ready, or were lost before their job. */
  failures: number;
  /** Launches that a cloud had no room for. */
  aborted: number;
  mostNodes: number;
}

export interface Meter {
  /** All up to now; nodes that are still there have spent their time so far. */
  read(): Figures;
}

const HOUR_MS = 60 * 60_000;

const PHASES: Record<NodeState, keyof NodeHours> = {
  planned: 'starting',
  launching: 'starting',
  connecting: 'starting',
  checking: 'starting',
  ready: 'idle',
  leased: 'busy',
  uploading: 'busy',
  held: 'busy',
  failed: 'removing',
  deleting: 'removing',
  deleted: 'removing',
};

/** Watches a world from its beginning. */
export function createMeter(world: World, costOf: (node: Node) => number): Meter {
  const spent: NodeHours = { starting: 0, idle: 0, busy: 0, removing: 0 };
  const errored = { unplaced: 0, lost: 0 };
  const waits: number[] = [];
  const counts = { jobs: 0, cold: 0, launches: 0, failures: 0, aborted: 0, mostNodes: 0 };
  let cost = 0;
  world.onNode = (before, after) => {
    if (before !== null) add(spent, before);
    counts.mostNodes = Math.max(counts.mostNodes, world.nodes.size);
    if (after.state === 'launching') counts.launches += 1;
    if (after.state === 'failed') counts[after.failure === 'aborted' ? 'aborted' : 'failures'] += 1;
  };
  world.onJobEnd = countJob;

  return {
    read() {
      const nodeHours = { ...spent };
      const closed = cost;
      for (const node of world.nodes.all()) add(nodeHours, node);
      const figures: Figures = {
        jobs: counts.jobs,
        errored: { ...errored },
        waits: summarise(waits),
        coldStarts: counts.cold / Math.max(1, counts.jobs),
        nodeHours,
        cost,
        launches: counts.launches,
        failures: counts.failures,
        aborted: counts.aborted,
        mostNodes: counts.mostNodes,
      };
      cost = closed;
      return figures;
    },
  };

  /** The time that the node has been in its state. */
  function add(hours: NodeHours, node: Node): void {
    const time = (world.clock.now() - node.state_since) / HOUR_MS;
    hours[PHASES[node.state]] += time;
    cost += time * costOf(node);
  }

  function countJob({ queued, leasedAt, result }: Job): void {
    counts.jobs += 1;
    if (result === 'errored') errored[leasedAt === null ? 'unplaced' : 'lost'] += 1;
    if (leasedAt !== queued.queuedAt) counts.cold += 1;
    if (leasedAt !== null) waits.push(leasedAt - queued.queuedAt);
  }
}
