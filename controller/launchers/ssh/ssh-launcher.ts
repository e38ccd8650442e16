import { join } from 'node:path';
import { FootmanError } from '#shared/errors';
import type { Logger } from '#controller/logger';
import type { Endpoints, RuntimeFolder } from '../contract.ts';
import { checkNodeId } from '../node-id.ts';
import { makeNodeFolder, renewNodeFolder, startAgent } from './agent.ts';
import { textOf } from './answer.ts';
import { bootOf } from './boot-id.ts';
import type { Connection } from './connection.ts';
import type { Machine, NodeStart, SshLauncher } from './contract.ts';
import { inspect } from './inspect.ts';
import { listNodes } from './list-nodes.ts';
import { createLogins } from './logins.ts';
import { titleOf } from './place.ts';
import { reboot } from './reboot.ts';
import { createRuntimes } from './runtimes.ts';
import { END_NODE, END_NODE_PROCESSES, READ_CONSOLE, STOP_AGENT } from './scripts/index.ts';
import { explain, outputOf, whole } from './shell.ts';
import { keepTunnel, listenAt, openTunnel, type Tunnel, type TunnelEnds } from './tunnel.ts';
import { createTurns } from './turns.ts';

export interface SshLauncherOptions {
  /** Marks what is ours on a machine; it stays the same over restarts. */
  controllerId: string;
  endpoints: Endpoints;
  runtime(signal: AbortSignal): Promise<RuntimeFolder>;
  logger: Logger;
  /** By a tunnel through the SSH connection, or by the controller's public URL. */
  dial: 'tunnel' | 'public-url';
  /** How often a silent connection is asked for a sign of life, in milliseconds; it is dead after three without an answer. */
  keepAliveMs?: number;
}

const KEEP_ALIVE_MS = 15_000;
const MOST_CONSOLE_BYTES = 64 * 1024;

export function createSshLauncher(options: SshLauncherOptions): SshLauncher {
  const { controllerId, endpoints, logger, keepAliveMs = KEEP_ALIVE_MS } = options;
  const socket = join(endpoints.socketFolder, endpoints.socketName);
  const tunnels = new Map<string, Tunnel>();
  const turns = createTurns();
  const runtimes = createRuntimes({ controllerId, logger });
  const logins = createLogins({ keepAliveMs, kept: (nodeId) => tunnels.get(nodeId)?.connection() });

  return {
    start: (machine, node, signal) => turns.take(node.id, signal, () => start(machine, node, signal)),
    bring: (machine, signal) =>
      logins.once(machine, signal, async (connection) => {
        await runtimes.bring(connection, machine, await options.runtime(signal), signal);
      }),
    adopt(machine, nodeId) {
      checkNodeId(nodeId);
      if (options.dial === 'tunnel' && !tunnels.has(nodeId)) keep(machine, nodeId);
    },
    async stop(machine, nodeId, signal) {
      const what = `the agent of ${nodeId} can't be stopped on ${titleOf(machine)}`;
      await askNode(machine, nodeId, STOP_AGENT, [], what, signal);
    },
    end: (machine, nodeId, signal) => turns.take(nodeId, signal, () => end(machine, nodeId, signal)),
    nodes: (machine, signal) =>
      logins.once(machine, signal, (connection) => listNodes(connection, machine, controllerId, signal)),
    async console(machine, nodeId, signal) {
      const what = `the console of ${nodeId} can't be read on ${titleOf(machine)}`;
      const args = [String(MOST_CONSOLE_BYTES)];
      const text = textOf(await askNode(machine, nodeId, READ_CONSOLE, args, what, signal));
      return text === undefined || text === '' ? null : text;
    },
    bootId: (machine, signal) =>
      logins.once(machine, signal, (connection) => bootOf(connection, machine, signal)),
    async isRunning(machine, nodeId, signal) {
      checkNodeId(nodeId);
      return logins.ofNode(machine, nodeId, signal, (connection) =>
        runsOn(connection, machine, nodeId, signal),
      );
    },
    reboot: (machine, boot, signal) => reboot(logins, machine, boot, signal),
    run: (machine, script, signal) =>
      logins.once(machine, signal, async (connection) => {
        const ended = await connection.exec('sh -s', whole(script), signal);
        if (ended.code === 0) return ended.output;
        throw new FootmanError(
          'cloud-unavailable',
          `the script failed on ${titleOf(machine)}: ${explain(ended)}`,
        );
      }),
    forget,
    async close() {
      for (const nodeId of tunnels.keys()) forget(nodeId);
    },
  };

  async function start(machine: Machine, node: NodeStart, signal: AbortSignal): Promise<void> {
    checkNodeId(node.id);
    // By the tunnel that stands: then there is nothing to do.
    const kept = tunnels.get(node.id)?.connection();
    if (kept !== undefined && (await runsOn(kept, machine, node.id, signal).catch(() => false))) return;
    signal.throwIfAborted();
    forget(node.id);
    const connection = await logins.open(machine, signal);
    try {
      await startOver(connection, machine, node, signal);
    } catch (error) {
      connection.end();
      throw error;
    }
    if (options.dial === 'tunnel') keep(machine, node.id, connection);
    else connection.end();
  }

  async function startOver(
    connection: Connection,
    machine: Machine,
    { id: nodeId, bootstrap, isRestarted = false }: NodeStart,
    signal: AbortSignal,
  ): Promise<void> {
    const ends = endsOf(machine, nodeId);
    const runtime = await options.runtime(signal);
    const found = await inspect(
      connection,
      machine,
      { controllerId, nodeId, digest: runtime.digest },
      signal,
    );
    if (found.node === 'foreign') throw foreign(machine, nodeId);
    if (found.node === 'running') {
      if (options.dial === 'tunnel') await openTunnel(connection, ends, signal);
      return;
    }
    const path = found.runtime ?? (await runtimes.bring(connection, machine, runtime, signal));
    // Whether an agent without a note got its bootstrap, nobody knows.
    const isLeft = found.node === 'left';
    if (isLeft) await endOn(connection, machine, nodeId, signal, isRestarted ? END_NODE_PROCESSES : END_NODE);
    const folder = await (isRestarted ? renewNodeFolder : makeNodeFolder)(connection, ends, signal);
    if (options.dial === 'tunnel') await listenAt(connection, folder.place, ends);
    const endpoint = options.dial === 'tunnel' ? `unix:${folder.place}` : urlFor(machine);
    const given = bootstrap({ endpoint, root: `${folder.folder}/root` });
    await startAgent(connection, ends, folder, runtime.command(path), given, signal);
  }

  async function runsOn(
    connection: Connection,
    machine: Machine,
    nodeId: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { node } = await inspect(connection, machine, { controllerId, nodeId }, signal);
    return node === 'running';
  }

  async function end(machine: Machine, nodeId: string, signal: AbortSignal): Promise<void> {
    checkNodeId(nodeId);
    await logins.ofNode(machine, nodeId, signal, (connection) => endOn(connection, machine, nodeId, signal));
    forget(nodeId);
  }

  async function endOn(
    connection: Connection,
    machine: Machine,
    nodeId: string,
    signal: AbortSignal,
    text = END_NODE,
  ): Promise<void> {
    const script = { text, args: [controllerId, nodeId], asRoot: true };
    await outputOf(connection, script, `${nodeId} can't be ended on ${titleOf(machine)}`, signal);
  }

  /** Runs a script whose first arguments are the controller and the node. */
  async function askNode(
    machine: Machine,
    nodeId: string,
    text: string,
    args: string[],
    what: string,
    signal: AbortSignal,
  ): Promise<string> {
    checkNodeId(nodeId);
    const script = { text, args: [controllerId, nodeId, ...args] };
    return logins.ofNode(machine, nodeId, signal, (connection) => outputOf(connection, script, what, signal));
  }

  function keep(machine: Machine, nodeId: string, first?: Connection): void {
    forget(nodeId);
    // After a restart of the machine it may refuse a login for a while.
    const patient = { ...machine, isBooting: true };
    const logIn = (signal: AbortSignal) => logins.open(patient, signal);
    tunnels.set(nodeId, keepTunnel({ ...endsOf(machine, nodeId), logger, logIn }, first));
  }

  function forget(nodeId: string): void {
    tunnels.get(nodeId)?.close();
    tunnels.delete(nodeId);
  }

  function endsOf(machine: Machine, nodeId: string): TunnelEnds {
    return { machine, controllerId, nodeId, socket };
  }

  function urlFor(machine: Machine): string {
    if (endpoints.url !== null) return endpoints.url;
    const sentence = `agents on ${titleOf(machine)} have no address to reach the controller at`;
    throw new FootmanError('cloud-refused', sentence, {
      hint: "set the controller's public-url to a URL that works from there",
    });
  }
}

function foreign(machine: Machine, nodeId: string): FootmanError {
  return new FootmanError('cloud-refused', `${nodeId} on ${titleOf(machine)} is another controller's`);
}
