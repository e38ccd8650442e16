import { clockSleep, type Clock } from '#controller/clock';
import type { Fleet } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { limited } from '#controller/nodes';
import type { Node } from '#controller/store';
import { FootmanError, toFootmanError } from '#shared/errors';
import type { Bootstrap } from '#shared/protocol';

export interface AttemptDeps {
  clock: Clock;
  logger: Logger;
  fleet: Pick<Fleet, 'connection' | 'template'>;
  /** A token for the agent of the next boot; it is good for so many milliseconds. */
  rebootToken(nodeId: string, boot: string, goodMs: number): string;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
/** An agent that was started dials in within seconds; one that does not has died, or its machine has. */
const SILENT_MS = 45_000;

/**
 * Has the cloud reboot the node's machine. While the cloud is not available it is asked again, later each time, and when the agent that it
 * started does not come, until the reboot's time is up. Asking twice is safe: the cloud knows by the boot whether it has happened, and leaves an
 * agent that runs alone. `failed` hears what went wrong with each try; `isOver` aborts when no further one is wanted, which ends no call that is under way. Returns, too, when its time is up.
 *
 * @throws FootmanError that trying again would not change, or the signal's reason
 */
export async function rebootNode(
  deps: AttemptDeps,
  node: Node,
  failed: (error: FootmanError) => void,
  { isOver, signal }: { isOver: AbortSignal; signal: AbortSignal },
): Promise<void> {
  const { clock, logger } = deps;
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)) {
    try {
      await askCloud(deps, node, Math.max(1, (node.reboot_due_at ?? 0) - clock.now()), signal);
      await clockSleep(clock, SILENT_MS, AbortSignal.any([signal, isOver]));
      if (signal.aborted || isOver.aborted || clock.now() >= (node.reboot_due_at ?? 0)) return;
      logger.info(
        { node: node.id, cloud: node.cloud },
        'no agent has come from a reboot; its cloud is asked again',
      );
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toFootmanError(thrown);
      if (error.code === 'cloud-refused') throw error;
      // Whoever looks after the reboot sees that, too; that the call was cut short says nothing.
      if (clock.now() >= (node.reboot_due_at ?? 0)) return;
      failed(error);
      logger.warn(
        { err: error, node: node.id, cloud: node.cloud, retryMs },
        'a reboot failed; it is tried again',
      );
      await clockSleep(clock, retryMs, AbortSignal.any([signal, isOver]));
      signal.throwIfAborted();
      if (isOver.aborted) return;
    }
  }
}

/**
 * Asks once for an agent in the boot after the node's. A machine that has left that already is not started anew.
 *
 * @throws FootmanError of the cloud, or when it has not answered within so many milliseconds
 */
export async function askCloud(
  { clock, fleet, rebootToken }: Omit<AttemptDeps, 'logger'>,
  { id, cloud: name, template: templateName, resource, host, boot }: Node,
  leftMs: number,
  signal: AbortSignal,
): Promise<void> {
  const cloud = fleet.connection(name);
  const template = fleet.template(name, templateName);
  if (boot === null) return;
  if (cloud?.reboot === undefined || template === undefined)
    throw new FootmanError('cloud-refused', `${name}/${templateName} is not configured any more`);
  const bootstrap = (choice: Pick<Bootstrap, 'endpoint' | 'root'>): Bootstrap => ({
    node: id,
    token: rebootToken(id, boot, leftMs),
    ...choice,
  });
  const reboot = { node: { id, resource }, template: template.settings, host, boot, bootstrap };
  await limited(clock, leftMs, signal, async (bounded) => cloud.reboot?.(reboot, bounded));
}
