import { finishJob } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import type { Change, Journal, Tx } from '#controller/events';
import type { Logger } from '#controller/logger';
import { failNode, retireUploaded } from '#controller/nodes';
import { findNode, leaseOfNode, nodesInStates, type Node, type Store } from '#controller/store';
import { formatDuration } from '#shared/quantity';
import { createInspections, type Loss } from './inspections.ts';

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  agentLostMs: number;
  cloudOf(name: string): Pick<Cloud, 'inspect'> | undefined;
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}

export interface LostAgents {
  /** Ends the jobs whose agent stayed away too long, or the wait for files that they left there, and asks the clouds how the machines of silent ones are. Returns when to look again. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Ends the job of a node that is gone for certain, or the wait for its files, without waiting: there is nothing to be held. */
  vanished(node: Node, reason: string): Promise<void>;
  /** Resolves when no cloud is being asked. */
  settled(): Promise<void>;
}

/**
 * A job whose agent does not come back ends `errored`: infrastructure failed, not the job. What it logged is kept. That is so when its time
 * is over, and at once when its cloud knows that the machine does not run. A node that waits for a job goes for the same reasons; when its
 * time is over, the provisioner sees to it.
 *
 * A held node's agent is missed by nobody here: the hold has its own time.
 *
 * A machine that a job has restarted is silent for good reason, and has a time of its own (`#controller/reboots`).
 */
export function createLostAgents({ agentLostMs, ...deps }: Deps): LostAgents {
  const { store, journal, clock } = deps;
  const inspections = createInspections({ ...deps, lost: lostSilent });

  return {
    async run() {
      let due: number | null = null;
      const nodes = await nodesInStates(store.db, ['ready', 'leased', 'uploading']);
      const silent = nodes.filter(isSilent);
      for (const node of silent) {
        if (node.state === 'ready' || node.disconnected_at === null) continue;
        const at = node.disconnected_at + agentLostMs;
        if (at > clock.now()) due = Math.min(due ?? at, at);
        else await endUseOf(node, `its agent was lost: no connection for ${formatDuration(agentLostMs)}`);
      }
      const next = inspections.look(silent);
      return next === null ? due : Math.min(due ?? next, next);
    },
    concerns: (changes) => changes.some(({ kind, data }) => kind === 'node' && data.connected === false),
    vanished: (node, reason) => endUseOf(node, reason, true),
    settled: inspections.settled,
  };

  async function endUseOf(node: Node, reason: string, isNodeGone = false): Promise<void> {
    await journal.commit((tx) => endUse(tx, node, { reason, isNodeGone }));
  }

  /** The answer is about the silence that it was asked for: an agent that has come back since knows better. */
  async function lostSilent({ id, session_epoch: epoch }: Node, loss: Loss): Promise<void> {
    await journal.commit(async (tx) => {
      const node = await findNode(tx.db, id);
      if (node === undefined || !isSilent(node) || node.session_epoch !== epoch) return;
      const isNodeGone = loss.failure === 'vanished';
      if (node.state === 'ready') await failNode(tx, id, loss);
      else await endUse(tx, node, { reason: loss.reason, isNodeGone });
    });
  }
}

/** Nobody misses the agent of a node that is being captured. */
function isSilent({ disconnected_at: since, reboot_due_at: rebooting, capture_id: capture }: Node): boolean {
  return since !== null && rebooting === null && capture === null;
}

async function endUse(
  tx: Tx,
  { id, state }: Node,
  why: { reason: string; isNodeGone: boolean },
): Promise<void> {
  if (state === 'uploading') {
    await retireUploaded(tx, id, why.reason);
    return;
  }
  const lease = await leaseOfNode(tx.db, id);
  if (lease?.state !== 'active') return;
  await finishJob(tx, lease.job_id, { result: 'errored', ...why, from: ['leased', 'running'] });
}
