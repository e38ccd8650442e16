import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { checkNodeId } from '#controller/launchers';
import { createSshLauncher } from '#controller/launchers/ssh';
import { readUptimeTicks } from '#controller/processes';
import { duration } from '#shared/quantity';
import type { Cloud, CloudContext, CloudResource, Condition, NodeReference } from '../contract.ts';
import { createAcceleratorChoice } from './accelerator-choice.ts';
import { openFastStarts } from './fast-start/index.ts';
import { openImages } from './images/index.ts';
import { imageStamp } from './image-stamp.ts';
import { createLaunch } from './launch.ts';
import { endMachine, readMachineConsole, readMachineProcesses, troubleOf } from './machine/index.ts';
import { createMachines } from './machines.ts';
import { createNodeStore } from './node-store.ts';
import { createPowerOffs } from './power-offs.ts';
import { createReboot } from './reboot.ts';
import { createRuntimeDisk } from './runtime-disk.ts';
import { ownerOf } from './owner.ts';
import type { QemuSettings, QemuTemplate } from './schema.ts';
import { wayTo } from './way-to.ts';

/** How long a machine that is asked how it is may take to tell its boot id, in milliseconds: a login takes seconds where no KVM is. */
const BOOT_ID_LIMIT_MS = 9000;

export async function openQemuCloud(
  settings: QemuSettings,
  context: CloudContext,
): Promise<Cloud<QemuTemplate>> {
  const { controllerId, name, endpoints, runtime, logger } = context;
  await mkdir(join(context.folder, 'nodes'), { recursive: true, mode: 0o700 });
  const folder = await realpath(context.folder);
  const graceMs = duration.parse(settings['power-off-grace']);
  const store = createNodeStore(join(folder, 'nodes'), controllerId);
  const launcher = createSshLauncher({ controllerId, endpoints, runtime, logger, dial: 'tunnel' });
  const { program } = settings;
  const accelerator = createAcceleratorChoice(settings, folder);
  const putRuntime = createRuntimeDisk(join(folder, 'runtime'), runtime);
  const fastStarts = await openFastStarts({
    folder: join(folder, 'fast-start'),
    program,
    controllerId,
    cloud: name,
    runtime,
    putRuntime,
    launcher,
    logger,
    accelerator,
    used: async () => new Set((await store.everybodys()).map(({ fastStart }) => fastStart ?? '')),
  });
  const machines = createMachines({
    settings,
    controllerId,
    cloud: name,
    folder,
    store,
    accelerator,
    putRuntime,
    fastStarts,
  });
  const images = await openImages({
    folder: join(folder, 'images', ownerOf(controllerId)),
    store,
    machines,
    launcher,
    fastStarts,
    graceMs,
  });
  const powerOffs = createPowerOffs(graceMs, logger);
  await adoptAll();

  return {
    capabilities: { snapshot: true, console: true, privateNetwork: false, reboot: true },
    launch: createLaunch({ controllerId, store, machines, launcher, fastStarts, images, logger }),
    list,
    stop,
    remove,
    console: readConsole,
    currentImage: async ({ image }) => (image === undefined ? null : imageStamp(image)),
    inspect,
    reboot: createReboot({ store, machines, launcher, graceMs }),
    images,
    async close() {
      await fastStarts.close();
      await powerOffs.close();
      await launcher.close();
    },
  };

  /** Agents of an earlier life get their tunnels again. */
  async function adoptAll(): Promise<void> {
    const [records, running] = await Promise.all([store.all(), nodesOfProcesses()]);
    for (const record of records) {
      if (record.launched && running.has(record.node)) launcher.adopt(wayTo(record, false), record.node);
    }
  }

  async function* list(signal: AbortSignal): AsyncIterable<CloudResource> {
    signal.throwIfAborted();
    const [records, running] = await Promise.all([store.all(), nodesOfProcesses()]);
    for (const { node, createdAt } of records) {
      running.delete(node);
      yield asResource(node, createdAt);
    }
    // What somebody took the folder from must not run for ever.
    for (const [node, createdAt] of running) yield asResource(node, createdAt);
  }

  async function stop({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if ((await store.find(id)) === undefined) return;
    launcher.forget(id);
    await powerOffs.begin(store.folderOf(id), machines.tagOf(id), signal);
  }

  /** The machine is ended at once: nobody reads its disk any more. */
  async function remove({ id }: NodeReference, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    checkNodeId(id);
    powerOffs.forget(id);
    launcher.forget(id);
    await endMachine(machines.tagOf(id), signal);
    await store.remove(id);
    await fastStarts.tidy();
  }

  async function readConsole({ id }: NodeReference, signal: AbortSignal): Promise<string | null> {
    signal.throwIfAborted();
    if ((await store.find(id)) === undefined) return null;
    const text = await readMachineConsole(store.folderOf(id), signal);
    return text === '' ? null : text;
  }

  async function inspect({ id }: NodeReference, signal: AbortSignal): Promise<Condition> {
    signal.throwIfAborted();
    const record = await store.find(id);
    if (record === undefined) return { state: 'gone' };
    const trouble = await troubleOf(store.folderOf(id), machines.tagOf(id), signal);
    if (trouble !== undefined) return { state: 'stopped', reason: trouble };
    const limited = AbortSignal.any([signal, AbortSignal.timeout(BOOT_ID_LIMIT_MS)]);
    const boot = await launcher.bootId(wayTo(record, false), limited).catch(() => null);
    signal.throwIfAborted();
    return { state: 'running', boot };
  }

  /** Nodes of this controller and cloud that have a QEMU, and when that was started, in milliseconds since the epoch. */
  async function nodesOfProcesses(): Promise<Map<string, number>> {
    const [all, now] = await Promise.all([readMachineProcesses(), readUptimeTicks()]);
    const ours = all.filter(({ tag }) => tag.controller === controllerId && tag.cloud === name);
    return new Map(ours.map(({ tag, startTicks }) => [tag.node, Date.now() - (now - startTicks) * 10]));
  }
}

function asResource(node: string, createdAt: number): CloudResource {
  return { id: node, nodeId: node, kind: 'machine', createdAt: Math.round(createdAt) };
}
