import { assertTransition, type Transitions, type Tx } from '#controller/events';
import {
  insertHost,
  swapHost,
  type Host,
  type HostId,
  type HostState,
  type KnownHost,
  type LeftHost,
} from '#controller/store';

/**
 * The life of a static host: a machine that is there all the time, and serves one node after another.
 *
 * `resetting`    is being returned to its known state. New hosts begin here: nobody knows what state they are in
 * `free`         may serve a node; nothing but a reset that succeeded leads here (L12)
 * `busy`         has a node, until the cloud has confirmed that it is gone
 * `quarantined`  its node failed, or its reset did; it is reset when its time has come, later after each failure, and never given up
 *
 * A host that failed stays suspicious, though it was reset: its failures count on until a node of it becomes ready. The row alone says what
 * to do next, so that a crash anywhere loses nothing.
 */
export const HOST_TRANSITIONS: Transitions<HostState> = {
  // A reset that a controller's end cut short begins anew.
  resetting: ['resetting', 'free', 'quarantined'],
  free: ['busy'],
  busy: ['resetting', 'quarantined'],
  quarantined: ['resetting'],
};

const FIRST_QUARANTINE_MS = 30_000;
const LONGEST_QUARANTINE_MS = 60 * 60_000;

/** A host that was not known before; false when it is. */
export async function addHost(tx: Tx, { cloud, name }: HostId): Promise<boolean> {
  const host: Host = {
    cloud,
    name,
    state: 'resetting',
    state_since: tx.at,
    reason: null,
    node_id: null,
    failures: 0,
    due_at: null,
  };
  if (!(await insertHost(tx.db, host))) return false;
  await record(tx, host);
  return true;
}

/** Gives a free host to a node; false when it is not free any more. In the transaction that makes the node. */
export async function claimHost(
  tx: Tx,
  { cloud, host, nodeId }: { cloud: string; host: string; nodeId: string },
): Promise<boolean> {
  return (
    (await moveHost(tx, { cloud, name: host, state: 'free' }, 'busy', { node_id: nodeId })) !== undefined
  );
}

/** The host's node is gone: it is reset, or quarantined before that if it may be the host's fault that the node failed. */
export async function releaseHost(tx: Tx, { host, node }: LeftHost): Promise<void> {
  const failures = node === null || node.ready_at === null ? host.failures : 0;
  if (node !== null && node.failure !== null && node.failure !== 'aborted')
    await quarantine(tx, host, failures + 1, `its node failed: ${node.reason ?? node.failure}`);
  else await moveHost(tx, host, 'resetting', { node_id: null, failures, reason: null });
}

/**
 * Its reset begins, after its quarantine or after a controller's end has cut one short. Undefined when it is none of a reset's business any
 * more. Only whoever has the host as this returns it can end the reset: an earlier one that ends late changes nothing.
 */
export function beginReset(tx: Tx, host: Host): Promise<Host | undefined> {
  return moveHost(tx, host, 'resetting', { due_at: null });
}

/** Its reset has succeeded. */
export async function freeHost(tx: Tx, host: Host): Promise<void> {
  await moveHost(tx, host, 'free', { reason: null });
}

/** Its reset has failed. */
export async function failHost(tx: Tx, host: Host, reason: string): Promise<void> {
  await quarantine(tx, host, host.failures + 1, reason);
}

async function quarantine(tx: Tx, host: Host, failures: number, reason: string): Promise<void> {
  const ms = Math.min(FIRST_QUARANTINE_MS * 2 ** (failures - 1), LONGEST_QUARANTINE_MS);
  await moveHost(tx, host, 'quarantined', { node_id: null, failures, reason, due_at: tx.at + ms });
}

async function moveHost(
  tx: Tx,
  known: KnownHost,
  to: HostState,
  set: Parameters<typeof swapHost>[3],
): Promise<Host | undefined> {
  assertTransition('host', HOST_TRANSITIONS, [known.state], to);
  // Strictly later each time: it tells one stay in a state from the next.
  const at = Math.max(tx.at, (known.state_since ?? 0) + 1);
  const host = await swapHost(tx.db, known, to, set, at);
  if (host !== undefined && to !== known.state) await record(tx, host);
  return host;
}

async function record(
  tx: Tx,
  { cloud, name, state, reason, node_id: nodeId, failures }: Host,
): Promise<void> {
  const data = { id: `${cloud}/${name}`, state, cloud, name, reason, failures };
  await tx.record({ kind: 'host', nodeId, data });
}
