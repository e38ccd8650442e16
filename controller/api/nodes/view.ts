import {
  holdsOfNodes,
  jobsOfNodes,
  namesOfVersions,
  type Db,
  type HoldBrief,
  type Node as NodeRow,
} from '#controller/store';
import type { Node } from './schema.ts';

export async function viewNode(db: Db, node: NodeRow): Promise<Node> {
  const [viewed] = await viewNodes(db, [node]);
  if (viewed === undefined) throw new Error('a node has no view');
  return viewed;
}

export async function viewNodes(db: Db, nodes: readonly NodeRow[]): Promise<Node[]> {
  const jobs = await jobsOfNodes(
    db,
    nodes.map(({ id }) => id),
  );
  const names = new Map(jobs.map((job) => [job.nodeId, nameOf(job)]));
  const held = nodes.filter(({ state }) => state === 'held').map(({ id }) => id);
  const holds = new Map((await holdsOfNodes(db, held)).map((hold) => [hold.node_id, viewHold(hold)]));
  const ids = new Set(nodes.flatMap((node) => node.version_id ?? []));
  const versions = new Map((await namesOfVersions(db, [...ids])).map((version) => [version.id, version]));
  return nodes.map((node) => {
    const version = node.version_id === null ? undefined : versions.get(node.version_id);
    const [job, hold] = [names.get(node.id) ?? null, holds.get(node.id) ?? null];
    return view(node, { job, hold, version: version ?? null });
  });
}

function nameOf({ build, key }: { build: number; key: string }): string {
  return `${build}/${key}`;
}

function viewHold({ id, owner, expires_at: expiresAt }: HoldBrief): Node['hold'] {
  return { id, owner, expiresAt };
}

/** What agents of an earlier version did not tell. */
const UNTOLD = { diskBytes: 0, osId: null, osVersion: null, virtualization: null, bootId: null };

function view(node: NodeRow, { job, hold, version }: Pick<Node, 'job' | 'hold' | 'version'>): Node {
  return {
    id: node.id,
    cloud: node.cloud,
    template: node.template,
    labels: node.labels,
    state: node.state,
    stateSince: node.state_since,
    reason: node.reason,
    failure: node.failure,
    job,
    hold,
    cordoned: node.cordoned,
    resource: node.resource,
    image: node.image,
    version,
    host: node.host,
    facts: node.facts && { ...UNTOLD, ...node.facts },
    connected: node.session_epoch > 0 && node.disconnected_at === null && node.state !== 'deleted',
    rebootDueAt: node.state === 'leased' ? node.reboot_due_at : null,
    removalFailures: node.removal_failures,
    requestedAt: node.requested_at,
    createdAt: node.created_at,
    launchedAt: node.launched_at,
    connectedAt: node.connected_at,
    readyAt: node.ready_at,
    checkedAt: node.checked_at,
    leasedAt: node.leased_at,
    stoppedAt: node.stopped_at,
    deletedAt: node.deleted_at,
  };
}
