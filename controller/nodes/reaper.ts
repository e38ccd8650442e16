import type { Clock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import type { Change, Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import { nodesInStates, patchNode, type Node, type Store } from '#controller/store';
import { messageOf } from '#shared/errors';
import { moveNode } from './life-cycle.ts';

export interface Reaper {
  /** Starts the removals that are due. Returns when the next retry is due. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Resolves when no removal is under way. */
  settled(): Promise<void>;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  /** The cloud of that name, if it is configured. */
  cloudOf(name: string): Cloud | undefined;
  /** Resolves when the cloud is not being asked to launch the node: until then nobody may ask it to remove it. */
  launchSettled(nodeId: string): Promise<void>;
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}

const REMOVAL_TIMEOUT_MS = 60_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5 * 60_000;
/** Removals of one cloud under way at a time: enough to hide latency, few enough to leave the machine to jobs. */
const MOST_AT_ONCE = 8;

/**
 * Removes nodes in `deleting`, off everybody's critical path. Each removal is on its own, so one that hangs blocks no other (L6); it is
 * retried until the cloud confirms, and the node counts against the quota until then.
 */
export function createReaper(deps: Deps): Reaper {
  const { store, journal, clock, logger, cloudOf, launchSettled, signal } = deps;
  const underWay = new Map<string, { cloud: string; done: Promise<void> }>();
  let wakeUp = Promise.withResolvers<void>();

  return {
    async run() {
      const doomed = await nodesInStates(store.db, ['deleting']);
      let due: number | null = null;
      for (const node of doomed) {
        if (underWay.has(node.id) || signal.aborted) continue;
        const at = node.removal_due_at ?? node.state_since;
        if (at > clock.now()) due = Math.min(due ?? at, at);
        else if (atOnce(node.cloud) < MOST_AT_ONCE) start(node);
      }
      return due;
    },
    concerns: (changes) =>
      changes.some(
        ({ kind, data }) => kind === 'node' && (data.state === 'deleting' || data.state === 'deleted'),
      ),
    async settled() {
      while (underWay.size > 0) await wakeUp.promise;
    },
  };

  function atOnce(cloud: string): number {
    return [...underWay.values()].filter((removal) => removal.cloud === cloud).length;
  }

  function start(node: Node): void {
    const done = remove(node)
      .catch((error: unknown) =>
        logger.error({ err: error, node: node.id }, 'a removal could not be recorded; it is tried again'),
      )
      .finally(() => {
        underWay.delete(node.id);
        wakeUp.resolve();
        wakeUp = Promise.withResolvers();
      });
    underWay.set(node.id, { cloud: node.cloud, done });
  }

  async function remove(node: Node): Promise<void> {
    const cloud = cloudOf(node.cloud);
    // A quick agent may have done its job before the cloud has answered. The wait ends with the launch's own time limit.
    await launchSettled(node.id);
    if (signal.aborted) return;
    try {
      if (cloud === undefined) throw new Error(`cloud ${node.cloud} is not configured any more`);
      await cloud.remove(
        { id: node.id, resource: node.resource },
        AbortSignal.any([signal, AbortSignal.timeout(REMOVAL_TIMEOUT_MS)]),
      );
      await journal.commit((tx) => moveNode(tx, node.id, ['deleting'], 'deleted', { deleted_at: tx.at }));
    } catch (error) {
      if (signal.aborted) return;
      await postpone(node, error);
    }
  }

  async function postpone(node: Node, error: unknown): Promise<void> {
    const failures = node.removal_failures + 1;
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
    logger.warn(
      { err: error, node: node.id, cloud: node.cloud, failures, retryMs },
      'a removal failed; it is tried again',
    );
    await journal.commit(async (tx) => {
      const set = { removal_failures: failures, removal_due_at: tx.at + retryMs };
      await patchNode(tx.db, node.id, ['deleting'], set);
      const { id, cloud, template } = node;
      const reason = `not removed yet: ${messageOf(error)}`;
      await tx.record({
        kind: 'node',
        nodeId: id,
        data: { id, state: 'deleting', cloud, template, reason, failures },
      });
    });
  }
}
