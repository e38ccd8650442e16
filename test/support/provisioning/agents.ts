import { finishJob, moveJob } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Change, Tx } from '#controller/events';
import { moveNode } from '#controller/nodes';
import {
  bumpSessionEpoch,
  disconnectNode,
  findNode,
  leaseOfNode,
  patchNode,
  type NodeState,
} from '#controller/store';
import type { Life } from './life.ts';
import type { ProviderResource } from './provider.ts';

/** What the agents of all nodes do, and what a controller's gateway would write down of it. */
export interface Agents {
  /** The resource begins to start: its agent connects in its own time. */
  boot(resource: ProviderResource): void;
  /** A controller has started: whoever runs connects to it. */
  welcome(life: Life): Promise<void>;
  /** A controller has died: all connections are cut. */
  cut(): void;
  /** The node is gone, and its agent with it. */
  kill(nodeId: string): Promise<void>;
}

export interface Work {
  durationMs: number;
  /** Its node is held when it has ended. */
  isHeld: boolean;
}

interface Deps {
  clock: Clock;
  /** What a job is to do, by its id. */
  workOf(jobId: string): Work;
  violation(sentence: string): void;
  vanish(resource: ProviderResource): Promise<void>;
  held: Set<string>;
}

interface Agent {
  resource: ProviderResource;
  /** Null while there is no connection. */
  epoch: number | null;
  /** What it works on, or has worked on: there is one job in its life. */
  job: { id: string; isDone: boolean } | null;
}

const WELCOME = ['launching', 'connecting', 'checking', 'ready', 'leased'] as const satisfies NodeState[];

export function createAgents({ clock, workOf, violation, vanish, held }: Deps): Agents {
  const agents = new Map<string, Agent>();
  let life: Life | undefined;

  return {
    boot(resource) {
      const { nodeId, fate } = resource;
      if (fate.outcome === 'silent') return;
      clock.after(fate.connectMs, () => {
        const agent: Agent = { resource, epoch: null, job: null };
        agents.set(nodeId, agent);
        const { vanishesAfterMs } = fate;
        if (vanishesAfterMs !== null) clock.after(vanishesAfterMs, () => void vanish(resource));
        void connect(agent);
      });
    },
    async welcome(next) {
      life = next;
      next.journal.subscribe(observe);
      for (const agent of agents.values()) await connect(agent);
    },
    cut() {
      life = undefined;
      for (const agent of agents.values()) agent.epoch = null;
    },
    async kill(nodeId) {
      const agent = agents.get(nodeId);
      agents.delete(nodeId);
      await leave(nodeId, agent?.epoch ?? null);
    },
  };

  /** Its connection has closed. */
  async function leave(nodeId: string, epoch: number | null): Promise<void> {
    if (epoch === null) return;
    await commit(async (tx) => {
      const node = await disconnectNode(tx.db, nodeId, epoch, tx.at);
      if (node?.state !== 'ready' && node?.state !== 'leased') return;
      await tx.record({ kind: 'node', nodeId, data: { id: nodeId, state: node.state, connected: false } });
    });
  }

  /** Nothing is written while no controller lives: agents try again when one does. */
  async function commit(work: (tx: Tx) => Promise<void>): Promise<void> {
    await life?.journal.commit(work);
  }

  function observe(changes: readonly Change[]): void {
    for (const { kind, data } of changes) {
      if (kind !== 'node') continue;
      const agent = agents.get(data.id);
      if (data.state === 'deleting') agents.delete(data.id);
      else if (data.state === 'leased' && agent !== undefined && agent.epoch !== null) void resume(agent);
    }
  }

  async function connect(agent: Agent): Promise<void> {
    const id = agent.resource.nodeId;
    if (agents.get(id) !== agent) return;
    let isWelcome = false;
    await commit(async (tx) => {
      const before = await findNode(tx.db, id);
      const epoch = await bumpSessionEpoch(tx.db, id, WELCOME);
      isWelcome = epoch !== undefined;
      if (epoch === undefined) return;
      agent.epoch = epoch;
      await patchNode(tx.db, id, WELCOME, { disconnected_at: null });
      await moveNode(tx, id, ['launching', 'connecting'], 'checking', { connected_at: tx.at });
      if (before?.state === 'ready')
        await tx.record({ kind: 'node', nodeId: id, data: { id, state: 'ready', connected: true } });
    });
    if (life === undefined) return;
    if (!isWelcome) return void agents.delete(id);
    await commit(async (tx) => void (await moveNode(tx, id, ['checking'], 'ready', { ready_at: tx.at })));
    // One that is gone while it is greeted is seen off when that is done.
    if (agents.get(id) === agent) await resume(agent);
    else await leave(id, agent.epoch);
  }

  /** Begins the job of its node, or says how it has ended. */
  async function resume(agent: Agent): Promise<void> {
    const id = agent.resource.nodeId;
    await commit(async (tx) => {
      const lease = await leaseOfNode(tx.db, id);
      if (lease?.state !== 'active') return;
      if (agent.job !== null && agent.job.id !== lease.job_id)
        violation(`node ${id} got job ${lease.job_id} after job ${agent.job.id} (I1)`);
      await moveJob(tx, lease.job_id, ['leased'], 'running', { started_at: tx.at });
      if (agent.job === null) begin(agent, lease.job_id);
    });
    if (agent.job?.isDone === true) await finish(agent, agent.job.id);
  }

  function begin(agent: Agent, jobId: string): void {
    const job = { id: jobId, isDone: false };
    agent.job = job;
    clock.after(workOf(jobId).durationMs, () => {
      if (agents.get(agent.resource.nodeId) !== agent) return;
      job.isDone = true;
      if (agent.epoch !== null) void finish(agent, jobId);
    });
  }

  async function finish({ resource: { nodeId } }: Agent, jobId: string): Promise<void> {
    await commit(async (tx) => {
      if (workOf(jobId).isHeld && (await moveNode(tx, nodeId, ['leased'], 'held')) !== undefined)
        held.add(nodeId);
      await finishJob(tx, jobId, { result: 'success', reason: null, from: ['leased', 'running'] });
    });
  }
}
