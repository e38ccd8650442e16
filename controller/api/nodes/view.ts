import { jobsOfNodes, type Db, type Node as NodeRow } from '#controller/store';
import type { Node } from './schema.ts';

export async function viewNode(db: Db, node: NodeRow): Promise<Node> {
  const [job] = await jobsOfNodes(db, [node.id]);
  return view(node, job === undefined ? null : nameOf(job));
}

export async function viewNodes(db: Db, nodes: readonly NodeRow[]): Promise<Node[]> {
  const jobs = await jobsOfNodes(
    db,
    nodes.map(({ id }) => id),
  );
  const names = new Map(jobs.map((job) => [job.nodeId, nameOf(job)]));
  return nodes.map((node) => view(node, names.get(node.id) ?? null));
}

function nameOf({ build, key }: { build: number; key: string }): string {
  return `${build}/${key}`;
}

/** What agents of an earlier version did not tell. */
const UNTOLD = { diskBytes: 0, osId: null, osVersion: null, virtualization: null, bootId: null };

function view(node: NodeRow, job: string | null): Node {
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
    cordoned: node.cordoned,
    resource: node.resource,
    image: node.image,
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
