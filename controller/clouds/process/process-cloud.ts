import { mkdir, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { FootmanError } from '#shared/errors';
import type {
  Cloud,
  CloudContext,
  CloudResource,
  Condition,
  Launch,
  Launched,
  NodeReference,
} from '../contract.ts';
import { checkNodeId, isNodeId } from '#controller/launchers';
import { refuseImage } from '../no-images.ts';
import { isAgentRunning, recordAgent } from './agent-record.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { makeMarkedFolder, readTail, removeMarkedFolder, removeRemains } from '#controller/files';
import {
  endProcesses,
  readBootId,
  readProcessTable,
  readUptimeTicks,
  sendSignal,
  type KernelProcess,
} from '#controller/processes';
import { nodeFolder, readTags, type NodeFolder, type Tags } from './node-folder.ts';
import { findNodeProcesses } from './node-processes.ts';
import type { ProcessTemplate } from './schema.ts';
import { createSharedCalls } from '#controller/calls';
import { spawnAgent } from './spawn-agent.ts';

const MOST_CONSOLE_BYTES = 64 * 1024;

/** What clouds that are made of processes need beside the contract. */
export interface ProcessCloud extends Cloud<ProcessTemplate> {
  /** Ends all processes of the node; its folder stays, for `launch` to start an agent there anew. Idempotent. */
  halt(node: NodeReference, signal: AbortSignal): Promise<void>;
  inspect(node: NodeReference, signal: AbortSignal): Promise<Condition>;
}

/** @throws FootmanError `host-unfit` where there is no Linux `/proc`. */
export async function openProcessCloud(context: CloudContext): Promise<ProcessCloud> {
  await mkdir(context.folder, { recursive: true, mode: 0o700 });
  const parent = await realpath(context.folder);
  const bootId = await readBootId().catch(asUnfit);
  const readTable = createSharedCalls(readProcessTable);
  const launches = new Map<string, Promise<Launched>>();

  return {
    capabilities: { snapshot: false, console: true, privateNetwork: false, reboot: false },
    launch: launchOnce,
    list,
    stop,
    remove,
    halt,
    inspect,
    console: readConsole,
    close: async () => {},
  };

  /** A second call for a node waits for the first. */
  function launchOnce(launch: Launch<ProcessTemplate>, signal: AbortSignal): Promise<Launched> {
    const { id } = launch.node;
    const running = launches.get(id) ?? start(launch, signal).finally(() => launches.delete(id));
    launches.set(id, running);
    return running;
  }

  async function start(launch: Launch<ProcessTemplate>, signal: AbortSignal): Promise<Launched> {
    signal.throwIfAborted();
    refuseImage(launch.image, 'process');
    const { id } = launch.node;
    const folder = folderOf(id);
    const tags = await readTags(folder);
    if (tags === undefined) await makeMarkedFolder(folder, JSON.stringify(await newTags(id)));
    else if (tags.controller !== context.controllerId) throw foreign(folder);
    else if (await isAgentRunning(folder, bootId)) return { resource: folder.path };
    // An agent of which we have no note: whether it got its bootstrap, nobody knows.
    else await endProcesses(() => processesOf(tags, folder), signal);

    const runtime = await context.runtime(signal);
    signal.throwIfAborted();
    const agent = await spawnAgent({
      folder,
      command: runtime.command(runtime.path),
      environment: cleanEnvironment(id, launch.template.environment),
      bootstrap: launch.bootstrap({ endpoint: endpointOf(context), root: folder.root }),
    });
    await recordAgent(folder, { ...agent, bootId });
    return { resource: folder.path };
  }

  async function* list(signal: AbortSignal): AsyncIterable<CloudResource> {
    signal.throwIfAborted();
    for (const name of await readdir(parent)) {
      if (!isNodeId(name)) continue;
      signal.throwIfAborted();
      const tags = await readTags(nodeFolder(parent, name));
      if (tags?.controller !== context.controllerId) continue;
      yield { id: name, nodeId: tags.node, kind: 'process', createdAt: tags.createdAt };
    }
  }

  async function stop({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const folder = folderOf(id);
    const tags = await readTags(folder);
    if (tags?.controller !== context.controllerId) return;
    for (const one of await processesOf(tags, folder)) sendSignal(one, 'SIGTERM');
  }

  async function remove({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const folder = folderOf(id);
    const tags = await readTags(folder);
    if (tags === undefined) return removeRemains(folder);
    if (tags.controller !== context.controllerId) return;
    await endProcesses(() => processesOf(tags, folder), signal);
    await removeMarkedFolder(folder);
  }

  async function halt({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const folder = folderOf(id);
    const tags = await readTags(folder);
    if (tags?.controller === context.controllerId)
      await endProcesses(() => processesOf(tags, folder), signal);
  }

  async function inspect({ id }: NodeReference, signal: AbortSignal): Promise<Condition> {
    signal.throwIfAborted();
    const folder = folderOf(id);
    const tags = await readTags(folder);
    if (tags?.controller !== context.controllerId) return { state: 'gone' };
    if (await isAgentRunning(folder, bootId)) return { state: 'running', boot: bootId };
    return { state: 'stopped', reason: 'does not run its agent any more' };
  }

  async function readConsole({ id }: NodeReference, signal: AbortSignal): Promise<string | null> {
    signal.throwIfAborted();
    const folder = folderOf(id);
    const tags = await readTags(folder);
    return tags?.controller === context.controllerId ? readTail(folder.console, MOST_CONSOLE_BYTES) : null;
  }

  function folderOf(node: string): NodeFolder {
    checkNodeId(node);
    return nodeFolder(parent, node);
  }

  async function newTags(node: string): Promise<Tags> {
    const uptimeTicks = await readUptimeTicks();
    return { controller: context.controllerId, node, createdAt: Date.now(), bootId, uptimeTicks };
  }

  async function processesOf(tags: Tags, folder: NodeFolder): Promise<KernelProcess[]> {
    // The clock of another boot says nothing about this one.
    const sinceTicks = tags.bootId === bootId ? tags.uptimeTicks : 0;
    return findNodeProcesses({ node: tags.node, folder: folder.path, sinceTicks }, await readTable());
  }
}

function endpointOf({ endpoints }: CloudContext): string {
  return `unix:${join(endpoints.socketFolder, endpoints.socketName)}`;
}

function foreign(folder: NodeFolder): FootmanError {
  return new FootmanError('cloud-refused', `${folder.path} is another controller's`);
}

function asUnfit(cause: unknown): never {
  throw new FootmanError('host-unfit', 'the process cloud needs Linux: /proc cannot be read', { cause });
}
