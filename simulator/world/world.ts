import type { Clock } from '#controller/clock';
import { assertTransition } from '#controller/events';
import { pinOf } from '#controller/matching';
import { NODE_TRANSITIONS } from '#controller/nodes';
import type { OpenRequest } from '#controller/provisioner';
import type { QueuedJob } from '#controller/scheduler';
import type { Cordon, Node, NodeState } from '#controller/store';
import type { Job } from './job.ts';
import { createWorldJournal, type WorldJournal } from './journal.ts';
import { createRows, type Rows } from './rows.ts';

/** All state of a simulated controller: what its store would hold of the living. */
export interface World extends WorldJournal {
  readonly clock: Clock;
  /** Nodes that are not yet gone, oldest first. */
  readonly nodes: Rows<Node>;
  /** Those of them that are ready, the one first that became so first. */
  readonly ready: Rows<Node>;
  readonly requests: Rows<OpenRequest>;
  /** Ids of the open requests of jobs, by the job's id. */
  readonly requestOfJob: Map<string, string>;
  /** All jobs that have not ended. */
  readonly jobs: Rows<Job>;
  readonly queue: Rows<QueuedJob>;
  /** Ids of the jobs that nodes were leased to, as long as those are not gone. */
  readonly jobOfNode: Map<string, string>;
  /** Nodes that jobs have, by project. */
  readonly usage: Map<string | null, number>;
  readonly cordons: Map<string, Cordon>;
  /** How many plans have launched nodes. */
  planNumber: number;
  /** A name that no other row has; they sort by the time of their making. */
  newId(): string;
  /** What broke a promise, as sentences; empty as long as the controller is right. */
  readonly violations: string[];
  /** Hears of every step of every node, and of every job that ends, in the middle of the unit of work. */
  onNode: NodeListener | undefined;
  onJobEnd: ((job: Job) => void) | undefined;
}

/** `before` is null for a new row. */
export type NodeListener = (before: Node | null, after: Node) => void;

export function createWorld(clock: Clock): World {
  let ids = 0;
  return {
    ...createWorldJournal(),
    clock,
    nodes: createRows(),
    ready: createRows(),
    requests: createRows(),
    requestOfJob: new Map(),
    jobs: createRows(),
    queue: createRows(),
    jobOfNode: new Map(),
    usage: new Map(),
    cordons: new Map(),
    planNumber: 0,
    newId: () => (ids++).toString(36).padStart(16, '0'),
    violations: [],
    onNode: undefined,
    onJobEnd: undefined,
  };
}

/** The intent, as a new row. */
export function addNode(world: World, node: Node): void {
  world.nodes.put(node);
  world.onNode?.(null, node);
  recordNode(world, node);
}

/** Moves the node by compare-and-swap, as the store does; undefined means that it was in none of the states `from`, and nothing happened. */
export function moveNode(
  world: World,
  id: string,
  from: readonly NodeState[],
  to: NodeState,
  set: Partial<Node> = {},
): Node | undefined {
  assertTransition('node', NODE_TRANSITIONS, from, to);
  const before = world.nodes.get(id);
  if (before === undefined || !from.includes(before.state)) return undefined;
  const after: Node = { ...before, ...set, state: to, state_since: world.clock.now() };
  if (to === 'deleted') {
    world.nodes.delete(id);
    world.jobOfNode.delete(id);
  } else world.nodes.put(after);
  if (to === 'ready') world.ready.put(after);
  else if (before.state === 'ready') world.ready.delete(id);
  world.onNode?.(before, after);
  recordNode(
    world,
    after,
    typeof set.ready_at !== 'number' ? {} : { startMs: set.ready_at - after.created_at },
  );
  return after;
}

/** Changes what is beside the state, if the node is in one of these. */
export function patchNode(
  world: World,
  id: string,
  states: readonly NodeState[],
  set: Partial<Node>,
): Node | undefined {
  const before = world.nodes.get(id);
  if (before === undefined || !states.includes(before.state)) return undefined;
  const after: Node = { ...before, ...set };
  world.nodes.put(after);
  if (after.state === 'ready') world.ready.put(after);
  return after;
}

/** Tells of the node as it is. */
export function recordNode(world: World, node: Node, more: Record<string, unknown> = {}): void {
  const { id, state, cloud, template, reason, failure, ready_at: readyAt } = node;
  const mishap = failure === null ? {} : { failure, hadStarted: readyAt !== null };
  const pin = pinOf(node);
  const data = { id, state, cloud, template, reason, ...(pin !== null && { pin }), ...mishap, ...more };
  world.record({ kind: 'node', nodeId: id, data });
}
