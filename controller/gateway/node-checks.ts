import type { Clock } from '#controller/clock';
import type { Journal, Tx } from '#controller/events';
import type { CheckSettings } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { evaluate, failNode, moveNode, orderCheck, reportOf } from '#controller/nodes';
import { findNode, putNodeReport, useBootstrap, type Node } from '#controller/store';
import type { AgentMessageOf, CheckStart } from '#shared/protocol';
import type { Connection } from './connection.ts';

/** Takes nodes from `checking` to `ready`, by way of what their agents find there. */
export interface NodeChecks {
  /**
   * The node's agent has this connection. Once it has answered, it holds the session token, so its bootstrap token is void: before that a
   * connection may break and the agent has nothing else to come back with. A node in `checking` is then looked at, or is ready at once where
   * its template has no checks. Does nothing while that is under way.
   */
  look(nodeId: string, connection: Connection): Promise<void>;
  /** What an agent says to nobody's question is dropped (I9). */
  finished(nodeId: string, connection: Connection, message: AgentMessageOf<'check.finished'>): void;
  /** The connection is gone: the next one is asked again. */
  detach(nodeId: string, connection: Connection): void;
  /** Resolves when no answer is being written down. */
  settled(): Promise<void>;
}

interface Deps {
  journal: Journal;
  clock: Clock;
  logger: Logger;
  /** What its template has its nodes checked for; null for nothing. */
  checksOf(node: Node): CheckSettings | null;
}

interface Check {
  connection: Connection;
  asked?: { settings: CheckSettings; order: CheckStart; roundTripMs: number };
}

export function createNodeChecks({ journal, clock, logger, checksOf }: Deps): NodeChecks {
  const underWay = new Map<string, Check>();
  const verdicts = new Set<Promise<void>>();

  return {
    look,
    finished(nodeId, connection, message) {
      const check = underWay.get(nodeId);
      if (check?.connection !== connection || check.asked?.order.check !== message.check) return;
      const { asked } = check;
      // The first answer counts.
      delete check.asked;
      const writing = judge(nodeId, asked, message)
        .catch((error: unknown) =>
          logger.error(
            { err: error, node: nodeId },
            'a check could not be written down; the agent is asked again',
          ),
        )
        .finally(() => {
          forget(nodeId, check);
          verdicts.delete(writing);
        });
      verdicts.add(writing);
    },
    detach(nodeId, connection) {
      const check = underWay.get(nodeId);
      if (check?.connection === connection) underWay.delete(nodeId);
    },
    async settled() {
      await Promise.all(verdicts);
    },
  };

  async function look(nodeId: string, connection: Connection): Promise<void> {
    if (underWay.get(nodeId)?.connection === connection) return;
    const check: Check = { connection };
    underWay.set(nodeId, check);
    try {
      const since = clock.now();
      await connection.confirmed();
      const roundTripMs = clock.now() - since;
      const ask = await journal.commit((tx) => confirm(tx, nodeId));
      if (ask === undefined || underWay.get(nodeId) !== check) return forget(nodeId, check);
      check.asked = { ...ask, roundTripMs };
      connection.send(ask.order);
    } catch (error) {
      forget(nodeId, check);
      throw error;
    }
  }

  /** What to ask the agent for; undefined when that is nothing. */
  async function confirm(
    tx: Tx,
    nodeId: string,
  ): Promise<{ settings: CheckSettings; order: CheckStart } | undefined> {
    await useBootstrap(tx.db, nodeId, tx.at);
    const node = await findNode(tx.db, nodeId);
    if (node?.state !== 'checking') return undefined;
    const settings = checksOf(node);
    if (settings !== null) return { settings, order: orderCheck(node, settings) };
    await becomeReady(tx, node, {});
    return undefined;
  }

  async function judge(
    nodeId: string,
    { settings, order, roundTripMs }: NonNullable<Check['asked']>,
    finished: AgentMessageOf<'check.finished'>,
  ): Promise<void> {
    const { outcomes, problem } = evaluate(settings, { finished, receivedAt: clock.now(), roundTripMs });
    await journal.commit(async (tx) => {
      const node = await findNode(tx.db, nodeId);
      // Its time was over meanwhile, or somebody else wanted it gone: what was found is about a stay that has ended.
      if (node?.state !== 'checking' || orderCheck(node, settings).check !== order.check) return;
      const text = reportOf(tx.at, outcomes, finished.output);
      await putNodeReport(tx.db, { node_id: nodeId, kind: 'check', at: tx.at, text });
      if (problem === null) await becomeReady(tx, node, { checked_at: tx.at });
      else await failNode(tx, nodeId, { reason: problem, failure: 'check' });
    });
  }

  function forget(nodeId: string, check: Check): void {
    if (underWay.get(nodeId) === check) underWay.delete(nodeId);
  }
}

/** One that was ready before is so again: how long it took to start is told once. */
async function becomeReady(tx: Tx, { id, ready_at: before }: Node, checked: Partial<Node>): Promise<void> {
  await moveNode(tx, id, ['checking'], 'ready', { ...checked, ...(before === null && { ready_at: tx.at }) });
}
