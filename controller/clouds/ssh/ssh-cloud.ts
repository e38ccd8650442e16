import { join } from 'node:path';
import { checkNodeId } from '#controller/launchers';
import { createKnownHosts, createSshLauncher } from '#controller/launchers/ssh';
import { FootmanError } from '#shared/errors';
import { duration } from '#shared/quantity';
import type {
  Cloud,
  CloudContext,
  CloudResource,
  Condition,
  Launch,
  Launched,
  NodeReference,
  Reboot,
} from '../contract.ts';
import { refuseImage } from '../no-images.ts';
import { bounded } from './bounded.ts';
import { createMachines } from './machines.ts';
import { openNodeRecords, type NodeRecord } from './node-records.ts';
import { resetHost, resetLimitMs } from './reset-host.ts';
import type { SshSettings, SshTemplate } from './schema.ts';

/** How long it may take to end a node on a host that answers, in milliseconds. */
const END_MS = 30_000;

export async function openSshCloud(
  settings: SshSettings,
  { controllerId, endpoints, folder, runtime, logger }: CloudContext,
): Promise<Cloud<SshTemplate>> {
  const known = createKnownHosts(join(folder, 'known_hosts'));
  const machines = createMachines(settings, known);
  const records = await openNodeRecords(join(folder, 'nodes'), controllerId);
  const dial = settings['agents-dial'];
  const answerMs = duration.parse(settings['answer-timeout']);
  const launcher = createSshLauncher({ controllerId, endpoints, runtime, logger, dial });
  const launches = new Map<string, Promise<Launched>>();
  await adoptAll();

  return {
    capabilities: { snapshot: false, console: true, privateNetwork: false, reboot: true },
    launch: launchOnce,
    list,
    stop,
    remove,
    console: readConsole,
    inspect,
    reboot,
    hosts: {
      resetLimitMs: Math.max(...Object.keys(settings.hosts).map(limitOf)),
      of: ({ hosts }) => hosts,
      reset: (host, signal) =>
        bounded(`the reset of host ${host} did not end`, limitOf(host), signal, (limited) =>
          resetHost(host, { launcher, machines, records, logger, answerMs }, limited),
        ),
    },
    close: () => launcher.close(),
  };

  /** Agents of an earlier life reach us again, each as soon as its host answers. Nobody waits for that. */
  async function adoptAll(): Promise<void> {
    const earlier = await records.all().catch((error: unknown) => {
      logger.error({ err: error }, 'which nodes are on hosts is not known');
      return [];
    });
    for (const { node, host, leftAt } of earlier) {
      if (leftAt !== undefined) continue;
      try {
        launcher.adopt(await machines.machine(host), node);
      } catch (error) {
        logger.warn({ err: error, node, host }, 'the agent of a node cannot be reached again');
      }
    }
  }

  /** A second call for a node waits for the first. */
  function launchOnce(launch: Launch<SshTemplate>, signal: AbortSignal): Promise<Launched> {
    const { id } = launch.node;
    const running = launches.get(id) ?? start(launch, signal).finally(() => launches.delete(id));
    launches.set(id, running);
    return running;
  }

  async function start(
    { node, host, image, bootstrap }: Launch<SshTemplate>,
    signal: AbortSignal,
  ): Promise<Launched> {
    signal.throwIfAborted();
    refuseImage(image, 'ssh');
    checkNodeId(node.id);
    if (host === null) throw new FootmanError('internal', `no host was chosen for node ${node.id}`);
    const machine = await machines.machine(host);
    await records.claim(node.id, host);
    await launcher.start(machine, { id: node.id, bootstrap }, signal).catch(forThisHost);
    return { resource: host };
  }

  async function* list(signal: AbortSignal): AsyncIterable<CloudResource> {
    signal.throwIfAborted();
    for (const { node, createdAt, leftAt } of await records.all()) {
      if (leftAt === undefined) yield { id: node, nodeId: node, kind: 'host', createdAt };
    }
  }

  async function stop({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const record = await livingOf(id);
    if (record === undefined) return;
    const machine = await machines.machine(record.host);
    await bounded(silent(record), answerMs, signal, (limited) => launcher.stop(machine, id, limited));
  }

  /**
   * A node that can't be ended is let go: a host that is off would keep it for ever. Its host serves no other before a reset has ended what
   * is left there.
   */
  async function remove({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const record = await livingOf(id);
    if (record === undefined) return;
    try {
      const machine = await machines.machine(record.host);
      await bounded(silent(record), answerMs, signal, (limited) => launcher.bootId(machine, limited));
      await bounded(`node ${id} did not end`, END_MS, signal, (limited) =>
        launcher.end(machine, id, limited),
      );
    } catch (error) {
      signal.throwIfAborted();
      logger.warn(
        { err: error, node: id, host: record.host },
        'a node could not be ended; the next reset of its host does that',
      );
      await records.leave(record);
      launcher.forget(id);
      return;
    }
    launcher.forget(id);
    await records.drop(id);
  }

  async function readConsole({ id }: NodeReference, signal: AbortSignal): Promise<string | null> {
    signal.throwIfAborted();
    const record = await livingOf(id);
    if (record === undefined) return null;
    const machine = await machines.machine(record.host);
    return bounded(silent(record), answerMs, signal, (limited) => launcher.console(machine, id, limited));
  }

  async function inspect({ id }: NodeReference, signal: AbortSignal): Promise<Condition> {
    signal.throwIfAborted();
    const record = await livingOf(id);
    if (record === undefined) return { state: 'gone' };
    const machine = await machines.machine(record.host);
    return bounded(silent(record), answerMs, signal, async (limited) => {
      const isRunning = await launcher.isRunning(machine, id, limited);
      const boot = await launcher.bootId(machine, limited);
      return isRunning
        ? { state: 'running', boot }
        : { state: 'stopped', reason: 'runs, but not its agent', boot };
    });
  }

  async function reboot({ node, boot, bootstrap }: Reboot<SshTemplate>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const record = await livingOf(node.id);
    if (record === undefined) throw new FootmanError('cloud-refused', `there is no node ${node.id}`);
    const machine = await machines.machine(record.host);
    await launcher.reboot(machine, boot, signal);
    await launcher.start(machine, { id: node.id, bootstrap, isRestarted: true }, signal);
  }

  /** Of a node of ours that was not given up. */
  async function livingOf(node: string): Promise<NodeRecord | undefined> {
    checkNodeId(node);
    const record = await records.find(node);
    return record?.leftAt === undefined ? record : undefined;
  }

  function limitOf(host: string): number {
    return resetLimitMs(machines.reset(host));
  }
}

/** What one host refuses for good, another one may do: the job is not to hear that nothing helps. */
function forThisHost(error: unknown): never {
  if (!(error instanceof FootmanError) || error.code !== 'cloud-refused') throw error;
  throw new FootmanError('cloud-unavailable', error.message, {
    ...(error.hint !== undefined && { hint: error.hint }),
    cause: error,
  });
}

function silent({ host }: NodeRecord): string {
  return `host ${host} did not answer`;
}
