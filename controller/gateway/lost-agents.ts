import { finishJob } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import { leaseOfNode, nodesInStates, type Node, type Store } from '#controller/store';
import { formatDuration } from '#shared/quantity';

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  agentLostMs: number;
}

export interface LostAgents {
  /** Ends the jobs whose agent stayed away too long. Returns when the next one will have. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Ends the job of a node that is gone for certain, without waiting. */
  lost(node: Node, reason: string): Promise<void>;
}

/** A job whose agent does not come back ends `errored`: infrastructure failed, not the job. What it logged is kept. */
export function createLostAgents({ store, journal, clock, agentLostMs }: Deps): LostAgents {
  return {
    async run() {
      let due: number | null = null;
      for (const node of await nodesInStates(store.db, ['leased'])) {
        if (node.disconnected_at === null) continue;
        const at = node.disconnected_at + agentLostMs;
        if (at > clock.now()) due = Math.min(due ?? at, at);
        else await lost(node, `its agent was lost: no connection for ${formatDuration(agentLostMs)}`);
      }
      return due;
    },
    concerns: (changes) => changes.some(({ kind, data }) => kind === 'node' && data.connected === false),
    lost,
  };

  async function lost(node: Node, reason: string): Promise<void> {
    await journal.commit(async (tx) => {
      const lease = await leaseOfNode(tx.db, node.id);
      if (lease?.state !== 'active') return;
      await finishJob(tx, lease.job_id, { result: 'errored', reason, from: ['leased', 'running'] });
    });
  }
}
