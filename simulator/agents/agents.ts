import type { Resource } from '#simulator/clouds';
import { finishJob, patchNode, recordNode, type World } from '#simulator/world';

export interface Agents {
  /** The resource begins to start; its agent connects in its own time, if ever. */
  start(resource: Resource): void;
  /** The agent of this node is gone, from one moment to the next. */
  lose(nodeId: string): void;
}

interface Deps {
  world: World;
  /** The resource of a node, as long as it is there. */
  resourceOf(nodeId: string): Resource | undefined;
  /** An agent has connected. */
  onConnected(nodeId: string): void;
  /** How long a controller waits for the agent of a job that has lost its connection, in milliseconds. */
  agentLostMs: number;
}

export function createAgents({ world, resourceOf, onConnected, agentLostMs }: Deps): Agents {
  const { clock } = world;
  /** Nodes whose agents have had their job (I1). */
  const spent = new Set<string>();
  /** Nodes of jobs, from their beginning to their end. */
  const nodeOf = new Map<string, string>();
  world.subscribe((changes) => {
    for (const { kind, data } of changes) {
      if (kind === 'job' && data.state === 'finished') nodeOf.delete(data.id);
      if (kind !== 'node') continue;
      if (data.state === 'leased') work(data.id);
      if (data.state === 'deleted') spent.delete(data.id);
    }
  });

  return {
    start(resource) {
      const { outcome, launchMs, connectMs } = resource.fate;
      if (outcome === 'accepted') clock.after(launchMs + connectMs, () => connect(resource));
    },
    lose,
  };

  function connect(resource: Resource): void {
    const { nodeId, fate } = resource;
    if (resourceOf(nodeId) !== resource) return;
    onConnected(nodeId);
    if (fate.lostAfterMs !== null) clock.after(fate.lostAfterMs, () => lose(nodeId));
  }

  function lose(nodeId: string): void {
    const job = world.jobOfNode.get(nodeId);
    if (job !== undefined) {
      clock.after(agentLostMs, () => finishJob(world, job, 'errored', 'its agent was lost'));
      return;
    }
    world.commit(() => {
      const lost = patchNode(world, nodeId, ['checking', 'ready'], { disconnected_at: clock.now() });
      if (lost !== undefined) recordNode(world, lost, { connected: false });
    });
  }

  /** Runs the job of a node that was just leased. */
  function work(nodeId: string): void {
    const job = world.jobs.get(world.jobOfNode.get(nodeId) ?? '');
    if (job === undefined) return;
    if (spent.has(nodeId)) world.violations.push(`node ${nodeId} got a second job, ${job.id} (I1)`);
    if (resourceOf(nodeId) === undefined)
      world.violations.push(`job ${job.id} was placed on node ${nodeId}, which is not there (I2)`);
    if (nodeOf.has(job.id)) world.violations.push(`job ${job.id} got a second node, ${nodeId} (I1)`);
    spent.add(nodeId);
    nodeOf.set(job.id, nodeId);
    clock.after(job.durationMs, () => finishJob(world, job.id, 'success', null));
  }
}
