import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import { failNode, moveNode } from '#controller/nodes';
import { findNode, patchNode, recordDecline, type Decline, type Node } from '#controller/store';
import { FootmanError, toFootmanError } from '#shared/errors';
import type { Bootstrap } from '#shared/protocol';
import { formatDuration } from '#shared/quantity';
import type { Backoff } from './backoff.ts';
import type { CloudSet, OpenCloud, Template } from './open-cloud.ts';

export interface Launcher {
  /** Sees to it that the cloud is asked for the node; does nothing while that is under way. */
  launch(node: Node): void;
  /** A node did not become ready in time: its template pauses, its request hears why, and it goes. */
  giveUp(node: Node, reason: string): Promise<void>;
  /** Resolves when the launch of this node, if any, is no longer under way. */
  launchSettled(nodeId: string): Promise<void>;
  /** Resolves when no launch is under way. */
  settled(): Promise<void>;
}

interface Deps {
  journal: Journal;
  clock: Clock;
  logger: Logger;
  clouds: CloudSet;
  backoff: Backoff;
  bootstrapToken(nodeId: string): string;
  launchTimeoutMs: number;
  /** Aborted when the controller stops: launches under way are left for its next life. */
  signal: AbortSignal;
}

/**
 * Asks clouds for planned nodes. The intent is in the store before the cloud hears of it, and `launch` is idempotent by the node's id, so
 * a controller that died in between simply asks again (I2, L4, L8).
 */
export function createLauncher(deps: Deps): Launcher {
  const { journal, clock, logger, clouds, backoff, bootstrapToken, launchTimeoutMs, signal } = deps;
  const underWay = new Map<string, Promise<void>>();

  return {
    launch(node) {
      if (underWay.has(node.id) || signal.aborted) return;
      const launched = drive(node)
        .catch((error: unknown) =>
          logger.error({ err: error, node: node.id }, 'a launch could not be recorded; it is tried again'),
        )
        .finally(() => underWay.delete(node.id));
      underWay.set(node.id, launched);
    },
    giveUp,
    launchSettled: (nodeId) => underWay.get(nodeId) ?? Promise.resolve(),
    async settled() {
      await Promise.all(underWay.values());
    },
  };

  async function drive(node: Node): Promise<void> {
    const place = find(node);
    if (place === undefined) {
      await journal.commit((tx) => failNode(tx, node.id, 'its template is not configured any more'));
      return;
    }
    // The row may be older than what has happened to its node: a launch for one that is gone would leak.
    const current = await journal.commit(async (tx) =>
      node.state === 'planned' ? moveNode(tx, node.id, ['planned'], 'launching') : findNode(tx.db, node.id),
    );
    if (current?.state !== 'launching') return;
    try {
      const resource = await askCloud(node, place);
      await journal.commit(async (tx) => {
        const told = { resource, launched_at: tx.at };
        // A quick agent has moved its node on already.
        if ((await moveNode(tx, node.id, ['launching'], 'connecting', told)) !== undefined) return;
        await patchNode(tx.db, node.id, ['checking', 'ready', 'leased', 'failed', 'deleting'], told);
      });
    } catch (error) {
      if (signal.aborted || (await hasServed(node))) return;
      await fail(node, place.template, toFootmanError(error));
    }
  }

  /** A quick agent may have got its job, or done it, before the cloud has answered: whatever the answer is, the launch was none that failed. */
  async function hasServed({ id }: Node): Promise<boolean> {
    const node = await journal.commit((tx) => findNode(tx.db, id));
    return node !== undefined && node.leased_at !== null;
  }

  async function askCloud(node: Node, { cloud, template }: Place): Promise<string> {
    const deadline = AbortSignal.timeout(launchTimeoutMs);
    const bootstrap = (choice: Pick<Bootstrap, 'endpoint' | 'root'>): Bootstrap => ({
      node: node.id,
      token: bootstrapToken(node.id),
      ...choice,
    });
    try {
      const launch = {
        node: { id: node.id, resource: node.resource },
        template: template.settings,
        bootstrap,
      };
      const launched = await cloud.cloud.launch(launch, AbortSignal.any([signal, deadline]));
      return launched.resource;
    } catch (error) {
      if (!deadline.aborted) throw error;
      const message = `cloud ${cloud.name} did not answer within ${formatDuration(launchTimeoutMs)}`;
      throw new FootmanError('cloud-unavailable', message, { cause: error });
    }
  }

  async function fail(node: Node, template: Template, error: FootmanError): Promise<void> {
    const reason = error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
    logger.warn(
      { err: error, node: node.id, cloud: node.cloud, template: node.template },
      'a launch failed; the next candidate is asked',
    );
    if (error.code === 'cloud-aborted') backoff.refused(template, reason, clock.now());
    else backoff.failed(template, reason, clock.now());
    await retire(node, reason, error.code === 'cloud-refused');
  }

  async function giveUp(node: Node, reason: string): Promise<void> {
    const place = find(node);
    if (place !== undefined) backoff.failed(place.template, reason, clock.now());
    await retire(node, reason, false);
  }

  async function retire(node: Node, reason: string, final: boolean): Promise<void> {
    const { cloud, template } = node;
    await journal.commit(async (tx) => {
      const decline: Decline = { cloud, template, reason, final, at: tx.at };
      if (node.request_id !== null) await recordDecline(tx.db, node.request_id, decline);
      // A quick agent may have got a job meanwhile: that keeps its node.
      await failNode(tx, node.id, reason);
    });
  }

  function find(node: Node): Place | undefined {
    const cloud = clouds.find(({ name }) => name === node.cloud);
    const template = cloud?.templates.find(({ name }) => name === node.template);
    return cloud === undefined || template === undefined ? undefined : { cloud, template };
  }
}

interface Place {
  cloud: OpenCloud;
  template: Template;
}
