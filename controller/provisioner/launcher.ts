import type { Clock } from '#controller/clock';
import type { Launched } from '#controller/clouds';
import type { Fleet, OpenCloud, Template } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { limited, type Mishap } from '#controller/nodes';
import type { Node } from '#controller/store';
import { adviceOf, FootmanError, toFootmanError } from '#shared/errors';
import type { Bootstrap } from '#shared/protocol';
import { formatDuration } from '#shared/quantity';
import type { Ledger } from './ledger.ts';

export interface Launcher {
  /** Sees to it that the cloud is asked for the node; does nothing while that is under way. */
  launch(node: Node): void;
  /** Resolves when the launch of this node, if any, is no longer under way. */
  launchSettled(nodeId: string): Promise<void>;
  /** Resolves when no launch is under way. */
  settled(): Promise<void>;
}

interface Deps {
  ledger: Ledger;
  clock: Clock;
  logger: Logger;
  fleet: Fleet;
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
  const { ledger, clock, logger, fleet, bootstrapToken, launchTimeoutMs, signal } = deps;
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
    launchSettled: (nodeId) => underWay.get(nodeId) ?? Promise.resolve(),
    async settled() {
      await Promise.all(underWay.values());
    },
  };

  async function drive(node: Node): Promise<void> {
    const cloud = fleet.cloud(node.cloud);
    const template = fleet.template(node.cloud, node.template);
    if (cloud === undefined || template === undefined) {
      await ledger.failed(node, { reason: 'its template is not configured any more', failure: 'aborted' });
      return;
    }
    // The row may be older than what has happened to its node: a launch for one that is gone would leak.
    const current = await ledger.begin(node);
    if (current === undefined) return;
    try {
      await ledger.accepted(current, await askCloud(current, cloud, template));
    } catch (error) {
      if (signal.aborted || (await ledger.hasServed(current))) return;
      await ledger.failed(current, explain(current, toFootmanError(error)));
    }
  }

  async function askCloud(
    node: Node,
    { name, cloud, launchMs }: OpenCloud,
    template: Template,
  ): Promise<Launched> {
    const bootstrap = (choice: Pick<Bootstrap, 'endpoint' | 'root'>): Bootstrap => ({
      node: node.id,
      token: bootstrapToken(node.id),
      ...choice,
    });
    const { id, resource, host } = node;
    const image = await ledger.imageOf(node);
    const launch = {
      node: { id, resource },
      template: template.settings,
      host,
      ...(image !== null && { image }),
      bootstrap,
    };
    const longestMs = launchMs ?? launchTimeoutMs;
    let limit: AbortSignal | undefined;
    try {
      return await limited(clock, longestMs, signal, (bounded) => {
        limit = bounded;
        return cloud.launch(launch, bounded);
      });
    } catch (cause) {
      if (signal.aborted || limit?.aborted !== true) throw cause;
      const message = `cloud ${name} did not answer within ${formatDuration(longestMs)}`;
      throw new FootmanError('cloud-unavailable', message, { cause });
    }
  }

  function explain({ id, cloud, template }: Node, error: FootmanError): Mishap {
    logger.warn({ err: error, node: id, cloud, template }, 'a launch failed; the next candidate is asked');
    return {
      reason: adviceOf(error),
      failure: error.code === 'cloud-aborted' ? 'aborted' : 'launch',
      isFinal: error.code === 'cloud-refused',
    };
  }
}
