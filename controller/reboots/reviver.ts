import type { Condition } from '#controller/clouds';
import type { Change, Journal } from '#controller/events';
import { limited } from '#controller/nodes';
import { findNode, nodesInStates, patchNode, type Node, type Store } from '#controller/store';
import { askCloud, type AttemptDeps } from './attempt.ts';

/** Brings agents back to held nodes whose machines were restarted by whoever holds them. */
export interface Reviver {
  /** One pass. Returns when to look again. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Resolves when no cloud is being asked about this node. */
  nodeSettled(nodeId: string): Promise<void>;
  /** Resolves when no cloud is being asked. */
  settled(): Promise<void>;
}

interface Deps extends AttemptDeps {
  store: Store;
  journal: Journal;
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}

/** The absence of one node's agent. What is known of it is this life's only. */
interface Absence {
  since: number;
  dueAt: number;
  waitMs: number;
  asking: Promise<void> | null;
  /** Aborted when the node is held no more. */
  over: AbortController;
}

/** An agent whose connection broke is back sooner. Of a machine that restarts somebody waits for the end: it is looked at often at first. */
const EAGER_MS = 15_000;
const EAGER_FOR_MS = 3 * 60_000;
const LAST_MS = 5 * 60_000;
const INSPECT_MS = 10_000;
const REVIVE_MS = 5 * 60_000;

/**
 * Nobody restarts a held machine but its holder. So an agent is started only where the machine runs, in another boot than the one that its
 * agent was of; one that is powered off stays so, which is told, and one whose agent has died in its own boot is left as it is.
 */
export function createReviver(deps: Deps): Reviver {
  const { store, journal, clock, logger, fleet, signal } = deps;
  const absences = new Map<string, Absence>();

  return {
    async run() {
      const held = await nodesInStates(store.db, ['held']);
      forgetAllBut(new Map(held.map((node) => [node.id, node])));
      let due: number | null = null;
      for (const node of held.filter(isAway)) {
        const at = look(node);
        if (at !== null) due = Math.min(due ?? at, at);
      }
      return due;
    },
    concerns: (changes) => changes.some(isOfHeld),
    nodeSettled: (nodeId) => absences.get(nodeId)?.asking ?? Promise.resolve(),
    async settled() {
      await Promise.all([...absences.values()].flatMap(({ asking }) => asking ?? []));
    },
  };

  function isAway({ disconnected_at: since, boot, capture_id: capture, cloud }: Node): boolean {
    const connection = fleet.connection(cloud);
    const canRevive = connection?.reboot !== undefined && connection.inspect !== undefined;
    return since !== null && boot !== null && capture === null && canRevive;
  }

  function isOfHeld({ kind, nodeId, data }: Change): boolean {
    if (kind !== 'node') return false;
    return (data.state === 'held' && data['connected'] !== true) || absences.has(nodeId ?? '');
  }

  /** An agent may be back before the cloud has answered, which is waited for. */
  function forgetAllBut(held: ReadonlyMap<string, Node>): void {
    for (const [id, absence] of absences) {
      if (!held.has(id)) absence.over.abort(new Error('the node is held no more'));
      if (absence.asking === null && held.get(id)?.disconnected_at !== absence.since) absences.delete(id);
    }
  }

  function look(node: Node): number | null {
    const absence = absences.get(node.id) ?? begin(node);
    if (absence.asking !== null || signal.aborted || absence.dueAt > clock.now()) return absence.dueAt;
    absence.dueAt = clock.now() + absence.waitMs;
    if (clock.now() - absence.since >= EAGER_FOR_MS) absence.waitMs = Math.min(2 * absence.waitMs, LAST_MS);
    absence.asking = revive(node, AbortSignal.any([signal, absence.over.signal]))
      .catch((error: unknown) => {
        if (!signal.aborted && !absence.over.signal.aborted)
          logger.warn(
            { err: error, node: node.id },
            'the agent of a held node could not be brought back yet',
          );
      })
      .finally(() => (absence.asking = null));
    return absence.dueAt;
  }

  function begin({ id, disconnected_at: at }: Node): Absence {
    const since = at ?? clock.now();
    const over = new AbortController();
    const absence = { since, dueAt: since + EAGER_MS, waitMs: EAGER_MS, asking: null, over };
    absences.set(id, absence);
    return absence;
  }

  async function revive(node: Node, until: AbortSignal): Promise<void> {
    const condition = await inspect(node, until);
    if (condition === undefined) return;
    await noteTrouble(node, condition.state === 'stopped' ? `its machine ${condition.reason}` : null);
    if (!isInAnotherBoot(condition, node)) return;
    logger.info(
      { node: node.id, cloud: node.cloud },
      'a held machine was restarted; it gets its agent again',
    );
    await askCloud(deps, node, REVIVE_MS, until);
  }

  /** The agent that comes back takes it away. */
  async function noteTrouble({ id }: Node, reason: string | null): Promise<void> {
    await journal.commit(async (tx) => {
      const node = await findNode(tx.db, id);
      if (node?.state !== 'held' || node.disconnected_at === null || node.reason === reason) return;
      await patchNode(tx.db, id, ['held'], { reason });
      await tx.record({ kind: 'node', nodeId: id, data: { id, state: 'held', reason } });
    });
  }

  async function inspect(
    { id, cloud: name, resource }: Node,
    until: AbortSignal,
  ): Promise<Condition | undefined> {
    const cloud = fleet.connection(name);
    return limited(clock, INSPECT_MS, until, async (bounded) => cloud?.inspect?.({ id, resource }, bounded));
  }
}

function isInAnotherBoot(condition: Condition, { boot }: Node): boolean {
  if (condition.state === 'gone') return false;
  const { boot: now = null } = condition;
  return now !== null && now !== boot;
}
