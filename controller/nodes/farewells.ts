import type { Clock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import type { Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import { patchNode, type Node } from '#controller/store';
import { messageOf } from '#shared/errors';
import { moveNode } from './life-cycle.ts';
import { limited } from './limited.ts';
import { createTurns } from './turns.ts';

/**
 * What is done to a node whose time is over, each on its own and nobody waiting: what it printed is kept if it failed, it is stopped, it is
 * removed. A cloud that hangs in one of these for one node holds up no other (L6).
 */
export interface Farewells {
  /** Stops the node, once; one that can't be stopped goes on using what it uses, so it is removed at once. */
  stop(node: Node): void;
  /** Tries to remove the node; resolves when that is done or postponed. One try at a time: a second call waits for it. */
  remove(node: Node): Promise<void>;
  /** Whether it is being removed. */
  isLeaving(node: Node): boolean;
  /** Forgets what is known of all nodes but these. */
  keepOnly(nodes: readonly Node[]): void;
  /** Resolves when no call is under way. */
  settled(): Promise<void>;
}

export interface FarewellDeps {
  journal: Journal;
  clock: Clock;
  logger: Logger;
  /** The cloud of that name, if it is configured. */
  cloudOf(name: string): Cloud | undefined;
  /** Resolves when the cloud is not being asked to launch the node: until then nobody may ask it to remove it. */
  launchSettled(nodeId: string): Promise<void>;
  /** Keeps the last of what a node printed that is about to go. Idempotent. */
  keepConsole(node: Node, signal: AbortSignal): Promise<void>;
  /** Calls of one cloud at a time. */
  atOnce(): number;
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}

interface Farewell {
  console?: Promise<void>;
  stop?: { done: Promise<void>; abort: AbortController };
  removal?: Promise<void>;
}

const CONSOLE_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 30_000;
const REMOVAL_LIMIT_MS = 60_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5 * 60_000;

export function createFarewells(deps: FarewellDeps): Farewells {
  const { journal, clock, logger, cloudOf, launchSettled, keepConsole, signal } = deps;
  const turns = createTurns(clock, deps.atOnce);
  const farewells = new Map<string, Farewell>();
  const underWay = new Set<Promise<void>>();

  return {
    stop(node) {
      const farewell = farewellOf(node);
      if (farewell.stop !== undefined || farewell.removal !== undefined || signal.aborted) return;
      const abort = new AbortController();
      farewell.stop = { abort, done: follow(stop(node, farewell, AbortSignal.any([signal, abort.signal]))) };
    },
    remove,
    isLeaving: ({ id }) => farewells.get(id)?.removal !== undefined,
    keepOnly(nodes) {
      const ids = new Set(nodes.map(({ id }) => id));
      for (const id of farewells.keys()) if (!ids.has(id)) farewells.delete(id);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };

  function remove(node: Node): Promise<void> {
    const farewell = farewellOf(node);
    // Nothing is gained any more by stopping it first.
    farewell.stop?.abort.abort(new Error('it is removed'));
    farewell.removal ??= follow(tryRemoval(node, farewell)).finally(() => delete farewell.removal);
    return farewell.removal;
  }

  function farewellOf({ id }: Node): Farewell {
    const known = farewells.get(id) ?? {};
    farewells.set(id, known);
    return known;
  }

  function follow(work: Promise<void>): Promise<void> {
    underWay.add(work);
    return work.finally(() => underWay.delete(work));
  }

  async function stop(node: Node, farewell: Farewell, stopping: AbortSignal): Promise<void> {
    try {
      await launchSettled(node.id);
      await keepWords(node, farewell);
      await turns.take(`stop ${node.cloud}`, () =>
        limited(clock, STOP_LIMIT_MS, stopping, (bounded) =>
          requireCloud(node).stop(referenceOf(node), bounded),
        ),
      );
      await journal.commit((tx) => patchNode(tx.db, node.id, ['deleting'], { stopped_at: tx.at }));
    } catch (error) {
      if (stopping.aborted) return;
      logger.warn(
        { err: error, node: node.id, cloud: node.cloud },
        'a node was not stopped; it is removed now',
      );
      void remove(node);
    }
  }

  async function tryRemoval(node: Node, farewell: Farewell): Promise<void> {
    try {
      // A quick agent may have done its job before the cloud has answered. The wait ends with the launch's own time limit.
      await launchSettled(node.id);
      await keepWords(node, farewell);
      // Those that failed wait apart: they may hang again, and the others should not wait for that.
      const lane = node.removal_failures > 0 ? 'remove again' : 'remove';
      await turns.take(`${lane} ${node.cloud}`, () =>
        limited(clock, REMOVAL_LIMIT_MS, signal, (bounded) =>
          requireCloud(node).remove(referenceOf(node), bounded),
        ),
      );
      await journal.commit((tx) => moveNode(tx, node.id, ['deleting'], 'deleted', { deleted_at: tx.at }));
    } catch (error) {
      if (!signal.aborted) await postpone(node, error);
    }
  }

  /** What a node printed that never served is all that there is to find out why. */
  async function keepWords(node: Node, farewell: Farewell): Promise<void> {
    if (node.failure === null || node.stopped_at !== null || node.removal_failures > 0) return;
    farewell.console ??= limited(clock, CONSOLE_LIMIT_MS, signal, (bounded) =>
      keepConsole(node, bounded),
    ).catch((error: unknown) =>
      logger.warn({ err: error, node: node.id }, 'what a failed node printed was not kept'),
    );
    await farewell.console;
  }

  function requireCloud({ cloud: name }: Node): Cloud {
    const cloud = cloudOf(name);
    if (cloud === undefined) throw new Error(`cloud ${name} is not configured any more`);
    return cloud;
  }

  async function postpone(node: Node, error: unknown): Promise<void> {
    const failures = node.removal_failures + 1;
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
    logger.warn(
      { err: error, node: node.id, cloud: node.cloud, failures, retryMs },
      'a removal failed; it is tried again',
    );
    await journal
      .commit(async (tx) => {
        const set = { removal_failures: failures, removal_due_at: tx.at + retryMs };
        await patchNode(tx.db, node.id, ['deleting'], set);
        const { id, cloud, template } = node;
        const reason = `not removed yet: ${messageOf(error)}`;
        const data = { id, state: 'deleting', cloud, template, reason, failures };
        await tx.record({ kind: 'node', nodeId: id, data });
      })
      .catch((failure: unknown) =>
        logger.error({ err: failure, node: node.id }, 'a removal could not be recorded; it is tried again'),
      );
  }
}

function referenceOf({ id, resource }: Node): { id: string; resource: string | null } {
  return { id, resource };
}
