import type { Clock } from '#controller/clock';
import type { Cloud, CloudResource } from '#controller/clouds';
import { jobsOnNodes, liveNodes, type Node, type Store } from '#controller/store';
import { limited } from '../limited.ts';
import { judgeNode, judgeResource, suspectOf, type Judgement, type Sight } from './judge.ts';

/** All that a look at a cloud shows, and what to make of it. */
export interface View {
  resources: (Judgement & { resource: CloudResource })[];
  /** Living nodes of which the cloud shows nothing. */
  missing: (Judgement & { node: Node })[];
}

interface Given {
  store: Store;
  clock: Clock;
  suspects: ReadonlySet<string>;
  graceMs: number;
}

const LISTING_LIMIT_MS = 60_000;

/**
 * Lists a cloud and judges what there is. Changes nothing.
 *
 * @throws what the listing throws; nothing follows from that: no answer is not absence (L5).
 */
export async function look(
  name: string,
  cloud: Cloud,
  { store, clock, suspects, graceMs }: Given,
  signal: AbortSignal,
): Promise<View> {
  // The rows are read on both sides of the listing: what was planned or removed meanwhile is no leak.
  const before = await rowsOf(store, name);
  const resources = await listAll(cloud, clock, signal);
  const after = await rowsOf(store, name);
  const jobs = new Map(
    (await jobsOnNodes(store.db)).map(({ nodeId, build, key }) => [nodeId, `${build}/${key}`]),
  );
  const seen = new Set(resources.map(({ nodeId }) => nodeId));
  const jobOf = (nodeId: string): string | undefined => jobs.get(nodeId);
  const sight: Sight = { before, after, seen, suspects, jobOf, now: clock.now(), graceMs };
  return {
    resources: resources.map((resource) => {
      const { verdict, reason } = judgeResource(resource, sight);
      return { resource, verdict, reason };
    }),
    missing: [...after.values()]
      .filter(({ id }) => !seen.has(id))
      .map((node) => {
        const { verdict, reason } = judgeNode(node, sight);
        return { node, verdict, reason };
      }),
  };
}

/** What a later look must know of this one. */
export function suspectsOf({ resources, missing }: View): ReadonlySet<string> {
  return new Set([
    ...resources.filter(isSuspicious).map(({ resource }) => suspectOf('resource', resource.id)),
    ...missing.filter(isSuspicious).map(({ node }) => suspectOf('node', node.id)),
  ]);
}

export async function listAll(cloud: Cloud, clock: Clock, signal: AbortSignal): Promise<CloudResource[]> {
  return limited(clock, LISTING_LIMIT_MS, signal, (bounded) => Array.fromAsync(cloud.list(bounded)));
}

function isSuspicious({ verdict }: Judgement): boolean {
  return verdict !== 'kept';
}

async function rowsOf({ db }: Store, cloud: string): Promise<ReadonlyMap<string, Node>> {
  const nodes = await liveNodes(db);
  return new Map(nodes.filter((node) => node.cloud === cloud).map((node) => [node.id, node]));
}
