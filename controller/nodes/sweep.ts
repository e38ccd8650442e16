import type { Clock } from '#controller/clock';
import type { Cloud, CloudResource } from '#controller/clouds';
import type { Logger } from '#controller/logger';
import { liveNodes, type Node, type NodeState, type Store } from '#controller/store';
import { messageOf } from '#shared/errors';

export interface Sweep {
  /** Lists every cloud once and removes what leaked. Returns when the next listing is due. */
  run(signal: AbortSignal): Promise<number | null>;
  /** Why the cloud could not be listed the last time; null when it could. */
  problemOf(cloud: string): CloudProblem | null;
}

export interface CloudProblem {
  message: string;
  /** Milliseconds since the epoch. */
  at: number;
}

interface Deps {
  store: Store;
  clock: Clock;
  logger: Logger;
  clouds: readonly { name: string; cloud: Cloud }[];
  /** A node whose resource has vanished. */
  onVanished(node: Node): Promise<void>;
  intervalMs: number;
  /** Age under which a resource or a node is left alone. */
  graceMs: number;
}

const LISTING_TIMEOUT_MS = 60_000;

/** States in which a node must have a resource that a listing shows. */
const EXISTING: ReadonlySet<NodeState> = new Set(['connecting', 'checking', 'ready', 'leased']);

/**
 * The two-sided sweep (L5): resources without a living row are removed, rows whose resource has vanished are told. Only what bears our tag
 * is looked at, only what is older than the grace, and only what two *successful* listings in a row agree on; a listing that fails says nothing.
 */
export function createSweep({ store, clock, logger, clouds, onVanished, intervalMs, graceMs }: Deps): Sweep {
  const suspects = new Map<string, Set<string>>(clouds.map(({ name }) => [name, new Set()]));

  const problems = new Map<string, CloudProblem>();

  return {
    problemOf: (cloud) => problems.get(cloud) ?? null,
    async run(signal) {
      await Promise.all(clouds.map((cloud) => sweepCloud(cloud.name, cloud.cloud, signal)));
      return clock.now() + intervalMs;
    },
  };

  async function sweepCloud(name: string, cloud: Cloud, signal: AbortSignal): Promise<void> {
    // The rows are read on both sides of the listing: what was planned or removed meanwhile is no leak.
    const before = await rowsOf(name);
    const listed = await listAll(name, cloud, signal);
    if (listed === undefined) return;
    const after = await rowsOf(name);
    const orphans = listed.filter((resource) => !after.has(resource.nodeId) && isOld(resource.createdAt));
    const seen = new Set(listed.map(({ nodeId }) => nodeId));
    const vanished = [...after.values()].filter(
      (node) =>
        before.has(node.id) && EXISTING.has(node.state) && !seen.has(node.id) && isOld(node.created_at),
    );
    const earlier = suspects.get(name) ?? new Set();
    suspects.set(name, new Set([...orphans.map(({ id }) => id), ...vanished.map(({ id }) => id)]));
    for (const resource of orphans)
      if (earlier.has(resource.id)) await removeOrphan(name, cloud, resource, signal);
    for (const node of vanished) if (earlier.has(node.id) && !isAtWork(node)) await onVanished(node);
  }

  async function rowsOf(cloud: string): Promise<Map<string, Node>> {
    const nodes = await liveNodes(store.db);
    return new Map(nodes.filter((node) => node.cloud === cloud).map((node) => [node.id, node]));
  }

  async function listAll(
    name: string,
    cloud: Cloud,
    signal: AbortSignal,
  ): Promise<CloudResource[] | undefined> {
    try {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(LISTING_TIMEOUT_MS)]);
      const listed = await Array.fromAsync(cloud.list(deadline));
      problems.delete(name);
      return listed;
    } catch (error) {
      if (signal.aborted) return undefined;
      problems.set(name, { message: messageOf(error), at: clock.now() });
      logger.debug({ err: error, cloud: name }, 'a cloud could not be listed; nothing follows from that');
      return undefined;
    }
  }

  async function removeOrphan(
    name: string,
    cloud: Cloud,
    resource: CloudResource,
    signal: AbortSignal,
  ): Promise<void> {
    logger.warn(
      { cloud: name, resource: resource.id, node: resource.nodeId },
      'a resource has no living node; it is removed',
    );
    try {
      await cloud.remove({ id: resource.nodeId, resource: null }, signal);
    } catch (error) {
      logger.warn(
        { err: error, cloud: name, resource: resource.id },
        'a leaked resource was not removed; the next sweep tries again',
      );
    }
  }

  function isOld(createdAt: number): boolean {
    return clock.now() - createdAt >= graceMs;
  }
}

/** A job whose agent talks to us is alive, whatever a listing says. */
function isAtWork({ state, disconnected_at: disconnectedAt }: Node): boolean {
  return state === 'leased' && disconnectedAt === null;
}
