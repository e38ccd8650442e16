import { finishJob } from '#controller/builds';
import type { Journal, Tx } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import type { LabelMatcher } from '#controller/matching';
import { failNode, moveNode, retireUploaded } from '#controller/nodes';
import { endReboot } from '#controller/reboots';
import {
  bumpSessionEpoch,
  disconnectNode,
  findJob,
  findNode,
  leaseOfNode,
  patchNode,
  type Job,
  type Node,
  type NodeState,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { PROTOCOL_VERSION, type AgentMessageOf } from '#shared/protocol';
import { judgeBoot, UNEXPECTED_REBOOT, type BootVerdict } from './judge-boot.ts';
import { learnLabels } from './learn-labels.ts';
import type { AgentClaims, AgentTokens } from './tokens.ts';

export interface AdmissionDeps {
  journal: Journal;
  tokens: AgentTokens;
  fleet: Pick<Fleet, 'template'>;
  matcher: LabelMatcher;
}

/** An agent that may speak for its node, over the connection of this epoch. */
export interface Admission {
  node: Node;
  epoch: number;
  /** The job that the node serves; null while it has none. */
  job: Job | null;
}

/** States in which a node's agent is wanted. */
const WELCOME = [
  'launching',
  'connecting',
  'checking',
  'ready',
  'leased',
  'uploading',
  'held',
] as const satisfies NodeState[];

/**
 * Lets an agent in that has a good token for a node that is still wanted, and notes what it found on its node. Everybody else is told to
 * exit: an agent whose job has ended, whose node is going, or who brings a bootstrap token again (I3, L9).
 *
 * @throws FootmanError `agent-refused`
 */
export async function admit(
  { journal, tokens, fleet, matcher }: AdmissionDeps,
  hello: AgentMessageOf<'hello'>,
): Promise<Admission> {
  if (hello.protocol !== PROTOCOL_VERSION) {
    throw new FootmanError(
      'agent-refused',
      `this controller speaks protocol ${PROTOCOL_VERSION}, the agent ${hello.protocol}`,
    );
  }
  const claims = tokens.verify(hello.token);
  const { nodeId } = claims;
  const { bootId } = hello.facts;
  const admission = await journal.commit(async (tx) => {
    const { known, verdict } = await judge(tx, claims, bootId);
    if (verdict.kind === 'unexpected') return null;
    if (verdict.kind === 'rebooted' && (await endReboot(tx, nodeId, verdict)) === undefined)
      throw new FootmanError('agent-refused', 'its reboot has ended otherwise');
    const epoch = await bumpSessionEpoch(tx.db, nodeId, WELCOME);
    if (epoch === undefined) throw new FootmanError('agent-refused', `its node is ${known.state}`);
    const boot = 'to' in verdict ? verdict.to : (known.boot ?? bootId);
    const revived = verdict.kind === 'anew' && verdict.isRevived ? { bootstrap_used_at: null } : {};
    // What was wrong with a held machine is so no more.
    const well = known.state === 'held' ? { reason: null } : {};
    const set = { disconnected_at: null, facts: hello.facts, boot, ...revived, ...well };
    const node = await patchNode(tx.db, nodeId, WELCOME, set);
    const fresh = await moveNode(tx, nodeId, ['launching', 'connecting'], 'checking', {
      connected_at: tx.at,
    });
    if (fresh !== undefined) {
      const template = fleet.template(fresh.cloud, fresh.template);
      await learnLabels(tx, { node: fresh, facts: hello.facts, template, matcher });
    }
    // Jobs that it could serve, or people who hold it, have waited for it to come back.
    if (known.state === 'ready' || known.state === 'held')
      await tx.record({ kind: 'node', nodeId, data: { id: nodeId, state: known.state, connected: true } });
    return { node: node ?? known, epoch, job: await jobOf() };

    async function jobOf(): Promise<Job | null> {
      if (known.state !== 'leased') return null;
      const lease = await leaseOfNode(tx.db, nodeId);
      if (lease?.state !== 'active')
        throw new FootmanError('agent-refused', 'the lease of its node has ended');
      return (await findJob(tx.db, lease.job_id)) ?? null;
    }
  });
  if (admission === null) throw new FootmanError('agent-refused', UNEXPECTED_REBOOT);
  return admission;
}

/** The node's row, and what the agent's boot means for it. */
async function judge(
  tx: Tx,
  claims: AgentClaims,
  bootId: string | null,
): Promise<{ known: Node; verdict: BootVerdict }> {
  const known = await nodeOf(tx, claims);
  const verdict = judgeBoot(known, claims, bootId);
  if (verdict.kind !== 'unexpected') return { known, verdict };
  await endUnexpected(tx, known);
  const left = await nodeOf(tx, claims);
  // Its job has ended for that, and somebody wants to see what is left of it.
  return left.state === 'held'
    ? { known: left, verdict: judgeBoot(left, claims, bootId) }
    : { known, verdict };
}

async function nodeOf(tx: Tx, { nodeId }: AgentClaims): Promise<Node> {
  const node = await findNode(tx.db, nodeId);
  if (node === undefined) throw new FootmanError('agent-refused', 'its node is unknown');
  return node;
}

/** The node has no use any more: a job can't go on in the middle of what a reboot cut short, and none should begin there. */
async function endUnexpected(tx: Tx, { id, state }: Node): Promise<void> {
  if (state === 'uploading') {
    await retireUploaded(tx, id, UNEXPECTED_REBOOT);
    return;
  }
  if (state !== 'leased') {
    await failNode(tx, id, { reason: UNEXPECTED_REBOOT, failure: 'lost' });
    return;
  }
  const lease = await leaseOfNode(tx.db, id);
  if (lease?.state === 'active')
    await finishJob(tx, lease.job_id, {
      result: 'errored',
      reason: UNEXPECTED_REBOOT,
      from: ['leased', 'running'],
    });
}

/** States in which somebody misses an agent that is away. */
const MISSED: ReadonlySet<NodeState> = new Set(['ready', 'leased', 'uploading', 'held']);

/** The connection has closed. That is suspicion, not failure (L9): the agent has its time to come back. */
export async function leave({ journal }: AdmissionDeps, { node: { id }, epoch }: Admission): Promise<void> {
  await journal.commit(async (tx) => {
    const node = await disconnectNode(tx.db, id, epoch, tx.at);
    if (node === undefined || !MISSED.has(node.state)) return;
    await tx.record({ kind: 'node', nodeId: id, data: { id, state: node.state, connected: false } });
  });
}
