import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { abortable } from '#shared/abortable';
import { FootmanError } from '#shared/errors';
import type { Logger } from '#controller/logger';
import type { Endpoints, RuntimeFolder } from '../contract.ts';
import { checkNodeId, isNodeId } from '../node-id.ts';
import { makeNodeFolder, startAgent } from './agent.ts';
import { pairsOf, textOf } from './answer.ts';
import { archiveOf, type Archive } from './archive.ts';
import { bringRuntime } from './bring-runtime.ts';
import type { Connection } from './connection.ts';
import type { Machine, NodeOnMachine, NodeStart, SshLauncher } from './contract.ts';
import { checkSystem, inspect, type Inspection } from './inspect.ts';
import { logIn } from './log-in.ts';
import { placeOf, titleOf } from './place.ts';
import { END_NODE, LIST_NODES, NOT_ALLOWED, READ_CONSOLE, REBOOT, STOP_AGENT } from './scripts/index.ts';
import { explain, outputOf, runScript, whole } from './shell.ts';
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
/** Between two looks at a machine that goes down, in milliseconds. */
const REBOOT_PAUSE_MS = 1000;

export function createSshLauncher(options: SshLauncherOptions): SshLauncher {
  const { controllerId, endpoints, logger, keepAliveMs = KEEP_ALIVE_MS } = options;
  const socket = join(endpoints.socketFolder, endpoints.socketName);
  const tunnels = new Map<string, Tunnel>();
  const nodeTurns = createTurns();
  const machineTurns = createTurns();
  let archive: { digest: string; packed: Promise<Archive> } | undefined;

  return {
    start: (machine, node, signal) => nodeTurns.take(node.id, signal, () => start(machine, node, signal)),
    bring: (machine, signal) =>
      withLogin(machine, signal, async (connection) => {
        await runtimeOn(connection, machine, signal);
      }),
    adopt(machine, nodeId) {
      checkNodeId(nodeId);
      if (options.dial === 'tunnel' && !tunnels.has(nodeId)) keep(machine, nodeId);
    },
    async stop(machine, nodeId, signal) {
      const script = { text: STOP_AGENT, args: [controllerId, checked(nodeId)] };
      await onNode(machine, nodeId, signal, (connection) =>
        outputOf(
          connection,
          script,
          `the agent of ${nodeId} can't be stopped on ${titleOf(machine)}`,
          signal,
        ),
      );
    },
    end: (machine, nodeId, signal) => nodeTurns.take(nodeId, signal, () => end(machine, nodeId, signal)),
    nodes: (machine, signal) => withLogin(machine, signal, (connection) => list(connection, machine, signal)),
    async console(machine, nodeId, signal) {
      const args = [controllerId, checked(nodeId), String(MOST_CONSOLE_BYTES)];
      const what = `the console of ${nodeId} can't be read on ${titleOf(machine)}`;
      const output = await onNode(machine, nodeId, signal, (connection) =>
        outputOf(connection, { text: READ_CONSOLE, args }, what, signal),
      );
      return textOf(output) || null;
    },
    bootId: (machine, signal) =>
      withLogin(machine, signal, (connection) => bootOf(connection, machine, signal)),
    isRunning: (machine, nodeId, signal) =>
      onNode(machine, checked(nodeId), signal, async (connection) => {
        const { node } = await inspect(connection, machine, { controllerId, nodeId }, signal);
        return node === 'running';
      }),
    reboot,
    run: (machine, script, signal) =>
      withLogin(machine, signal, async (connection) => {
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
    if (await stillRuns(machine, node.id, signal)) return;
    forget(node.id);
    const connection = await logIn(machine, keepAliveMs, signal);
    try {
      await startOver(connection, machine, node, signal);
      if (options.dial === 'tunnel') keep(machine, node.id, connection);
      else connection.end();
    } catch (error) {
      connection.end();
      throw error;
    }
  }

  /** By the tunnel that stands: then there is nothing to do. */
  async function stillRuns(machine: Machine, nodeId: string, signal: AbortSignal): Promise<boolean> {
    const connection = tunnels.get(nodeId)?.connection();
    if (connection === undefined) return false;
    const found = await inspect(connection, machine, { controllerId, nodeId }, signal).catch(() => undefined);
    signal.throwIfAborted();
    return found?.node === 'running';
  }

  async function startOver(
    connection: Connection,
    machine: Machine,
    { id: nodeId, bootstrap }: NodeStart,
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
    const path = await runtimeOn(connection, machine, signal, found);
    // Whether an agent without a note got its bootstrap, nobody knows.
    if (found.node === 'left') await endOn(connection, machine, nodeId, signal);
    const folder = await makeNodeFolder(connection, ends, signal);
    if (options.dial === 'tunnel') await listenAt(connection, folder.place, ends);
    const endpoint = options.dial === 'tunnel' ? `unix:${folder.place}` : urlFor(machine);
    const given = bootstrap({ endpoint, root: `${folder.folder}/root` });
    await startAgent(connection, ends, folder, runtime.command(path), given, signal);
  }

  /** Where the runtime is on the machine, by now. */
  async function runtimeOn(
    connection: Connection,
    machine: Machine,
    signal: AbortSignal,
    found?: Inspection,
  ): Promise<string> {
    if (found?.runtime !== undefined) return found.runtime;
    const runtime = await options.runtime(signal);
    const { digest } = runtime;
    return machineTurns.take(`${machine.user}@${placeOf(machine)}`, signal, async () => {
      // Somebody may have brought it meanwhile.
      const now = await inspect(connection, machine, { controllerId, digest }, signal);
      checkSystem(now, machine);
      if (now.runtime !== undefined) return now.runtime;
      logger.info({ machine: machine.name, digest }, 'bringing the runtime');
      const packed = await packedOnce(runtime, signal);
      return bringRuntime({ controllerId, machine, connection, archive: packed, digest }, signal);
    });
  }

  /** Not by the caller's signal: others wait for the same, and it takes some seconds. */
  async function packedOnce(runtime: RuntimeFolder, signal: AbortSignal): Promise<Archive> {
    if (archive?.digest !== runtime.digest) {
      const packed = archiveOf(runtime);
      archive = { digest: runtime.digest, packed };
      packed.catch(() => (archive = undefined));
    }
    return abortable(archive.packed, signal);
  }

  async function end(machine: Machine, nodeId: string, signal: AbortSignal): Promise<void> {
    checkNodeId(nodeId);
    await onNode(machine, nodeId, signal, (connection) => endOn(connection, machine, nodeId, signal));
    forget(nodeId);
  }

  async function endOn(
    connection: Connection,
    machine: Machine,
    nodeId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const script = { text: END_NODE, args: [controllerId, nodeId], asRoot: true };
    await outputOf(connection, script, `${nodeId} can't be ended on ${titleOf(machine)}`, signal);
  }

  async function list(
    connection: Connection,
    machine: Machine,
    signal: AbortSignal,
  ): Promise<NodeOnMachine[]> {
    const script = { text: LIST_NODES, args: [controllerId] };
    const output = await outputOf(
      connection,
      script,
      `the nodes on ${titleOf(machine)} can't be listed`,
      signal,
    );
    return pairsOf(output).flatMap(([name, createdAt]) => {
      const id = name.replace(/^node-/, '');
      return isNodeId(id) && /^\d{1,15}$/.test(createdAt) ? [{ id, createdAt: Number(createdAt) }] : [];
    });
  }

  async function bootOf(connection: Connection, machine: Machine, signal: AbortSignal): Promise<string> {
    return (await inspect(connection, machine, { controllerId }, signal)).boot;
  }

  async function reboot(machine: Machine, boot: string, signal: AbortSignal): Promise<void> {
    const isDown = await withLogin(machine, signal, async (connection) => {
      if ((await bootOf(connection, machine, signal)) !== boot) return false;
      const ended = await runScript(connection, { text: REBOOT, asRoot: true }, signal).catch(
        () => undefined,
      );
      if (ended?.code === NOT_ALLOWED) throw mayNotReboot(machine);
      return true;
    });
    // It may refuse logins while it goes down, and until it is up.
    const booting = { ...machine, isBooting: true };
    for (let isThere = !isDown; !isThere;) {
      await setTimeout(REBOOT_PAUSE_MS, undefined, { signal });
      const now = await withLogin(booting, signal, (connection) => bootOf(connection, machine, signal)).catch(
        (error: unknown) => {
          signal.throwIfAborted();
          return passing(error);
        },
      );
      isThere = now !== undefined && now !== boot;
    }
  }

  /** By the node's own connection, where it has one. */
  async function onNode<T>(
    machine: Machine,
    nodeId: string,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const kept = tunnels.get(nodeId)?.connection();
    if (kept === undefined) return withLogin(machine, signal, work);
    try {
      return await work(kept);
    } catch (error) {
      // It was dead already, and nobody knew.
      if (kept.isOpen || signal.aborted) throw error;
      return withLogin(machine, signal, work);
    }
  }

  async function withLogin<T>(
    machine: Machine,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const connection = await logIn(machine, keepAliveMs, signal);
    try {
      return await work(connection);
    } finally {
      connection.end();
    }
  }

  function keep(machine: Machine, nodeId: string, first?: Connection): void {
    forget(nodeId);
    // After a restart of the machine it may refuse a login for a while.
    const patient = { ...machine, isBooting: true };
    const login = (signal: AbortSignal) => logIn(patient, keepAliveMs, signal);
    tunnels.set(nodeId, keepTunnel({ ...endsOf(machine, nodeId), logger, logIn: login }, first));
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
    throw new FootmanError(
      'cloud-refused',
      `agents on ${titleOf(machine)} have no address to reach the controller at`,
      {
        hint: "set the controller's public-url to a URL that works from there",
      },
    );
  }
}

function checked(nodeId: string): string {
  checkNodeId(nodeId);
  return nodeId;
}

function foreign(machine: Machine, nodeId: string): FootmanError {
  return new FootmanError('cloud-refused', `${nodeId} on ${titleOf(machine)} is another controller's`);
}

function mayNotReboot(machine: Machine): FootmanError {
  return new FootmanError('cloud-refused', `${machine.user} may not restart ${titleOf(machine)}`, {
    hint: 'log in as root, or as a user who may run sudo without a password',
  });
}

/** A machine that goes down or comes up. Its host key is the same, though. */
function passing(error: unknown): undefined {
  if (error instanceof FootmanError && error.code === 'cloud-refused') throw error;
  return undefined;
}
