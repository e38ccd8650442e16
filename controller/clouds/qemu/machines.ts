import { FootmanError } from '#shared/errors';
import { joinBridge } from './bridge.ts';
import type { FastStarts } from './fast-start/index.ts';
import {
  endMachine,
  freePort,
  makeOverlay,
  readImage,
  readStatus,
  startMachine,
  writeSeed,
  type Accelerator,
  type MachineNetwork,
  type MachineTag,
  type SavedState,
} from './machine/index.ts';
import type { NodeRecord } from './node-record.ts';
import type { NodeStore } from './node-store.ts';
import type { PutRuntime } from './runtime-disk.ts';
import { checkRoom } from './room.ts';
import type { QemuSettings } from './schema.ts';

/** Nodes' machines, made from what their records say. */
export interface Machines {
  tagOf(node: string): MachineTag;
  /** Sees to it that the node's machine runs: on a fresh disk, unless it runs already. Returns the record as it is by then. */
  begin(record: NodeRecord, signal: AbortSignal): Promise<NodeRecord>;
  /** Ends its machine and boots another one on a fresh disk, whatever state it was to start from. */
  bootAfresh(record: NodeRecord, signal: AbortSignal): Promise<NodeRecord>;
  /** As `begin`, with the disk that it has. */
  powerOn(record: NodeRecord, signal: AbortSignal): Promise<NodeRecord>;
}

interface Deps {
  settings: QemuSettings;
  controllerId: string;
  /** Name of the cloud. */
  cloud: string;
  /** Where their disks are, which need room. */
  folder: string;
  store: NodeStore;
  accelerator(signal: AbortSignal): Promise<Accelerator>;
  putRuntime: PutRuntime;
  fastStarts: FastStarts;
}

/** Ports that others take just before QEMU does. */
const MOST_TRIES = 5;

export function createMachines({
  settings,
  controllerId,
  cloud,
  folder,
  store,
  accelerator: accelerate,
  putRuntime,
  fastStarts,
}: Deps): Machines {
  return { tagOf, begin, bootAfresh, powerOn };

  function tagOf(node: string): MachineTag {
    return { controller: controllerId, cloud, node };
  }

  async function begin(record: NodeRecord, signal: AbortSignal): Promise<NodeRecord> {
    const isComplete = record.fastStart === null || record.isAwake;
    if (isComplete && (await isRunning(record, signal))) return connected(record, signal);
    // One that an earlier life left, and that does not run: nobody knows what is on its disk.
    await endMachine(tagOf(record.node), signal);
    await checkRoom(folder, record.memoryBytes);
    const place = store.folderOf(record.node);
    const { node, user, sudo, hostKey, mac, address } = record;
    const authorizedKey = record.loginKey.publicKey;
    const runtime = await putRuntime(place, signal);
    await writeSeed(place, { node, user, sudo, authorizedKey, hostKey, mac, runtime, address }, signal);
    return (await resume(record, signal)) ?? boot(record, signal);
  }

  /** Undefined where it has no saved state, or that does not do. */
  async function resume(record: NodeRecord, signal: AbortSignal): Promise<NodeRecord | undefined> {
    if (record.fastStart === null) return undefined;
    const place = { tag: tagOf(record.node), folder: store.folderOf(record.node) };
    const started = await fastStarts.resume(record, place, (saved) => start(record, signal, saved), signal);
    if (started === undefined) return undefined;
    const awake = { ...started, isAwake: true };
    await store.replace(awake);
    return awake;
  }

  async function bootAfresh(record: NodeRecord, signal: AbortSignal): Promise<NodeRecord> {
    await endMachine(tagOf(record.node), signal);
    return boot(record, signal);
  }

  async function boot(record: NodeRecord, signal: AbortSignal): Promise<NodeRecord> {
    const booting = { ...record, fastStart: null };
    if (record.fastStart !== null) {
      // What the state lent it goes with that.
      await putRuntime(store.folderOf(record.node), signal);
      await store.replace(booting);
    }
    const image = await readImage(record.image.path, signal);
    await makeOverlay(store.folderOf(record.node), image, record.diskBytes, signal);
    return start(booting, signal);
  }

  async function powerOn(record: NodeRecord, signal: AbortSignal): Promise<NodeRecord> {
    if (await isRunning(record, signal)) return connected(record, signal);
    await endMachine(tagOf(record.node), signal);
    return start(record, signal);
  }

  async function isRunning({ node }: NodeRecord, signal: AbortSignal): Promise<boolean> {
    const status = await readStatus(store.folderOf(node), signal).catch(() => undefined);
    signal.throwIfAborted();
    return status === 'running';
  }

  async function start(record: NodeRecord, signal: AbortSignal, saved?: SavedState): Promise<NodeRecord> {
    const { node, cpus, memoryBytes, mac } = record;
    const accelerator = await accelerate(signal);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { placed, network } = await place(record, tries);
      const spec = {
        tag: tagOf(node),
        folder: store.folderOf(node),
        accelerator,
        cpus,
        memoryBytes,
        mac,
        network,
        ...(saved !== undefined && { saved }),
      };
      const result = await startMachine(settings.program, spec, signal);
      if (result === 'started') return connected(placed, signal);
    }
    throw new FootmanError('cloud-unavailable', 'others take every port that was to lead to the machine');
  }

  /** Notes the port before QEMU has it, so that another life finds the way. A machine that is started again keeps its own if it can. */
  async function place(
    record: NodeRecord,
    tries: number,
  ): Promise<{ placed: NodeRecord; network: MachineNetwork }> {
    const { network } = record;
    if (network.mode === 'bridge')
      return { placed: record, network: { mode: 'tap', device: network.device } };
    const port = (tries === 0 ? network.port : null) ?? (await freePort());
    const placed = { ...record, network: { ...network, port } };
    await store.replace(placed);
    return { placed, network: placed.network };
  }
}

/** What the network of this machine has to know of it. Idempotent. */
async function connected(record: NodeRecord, signal: AbortSignal): Promise<NodeRecord> {
  const { network } = record;
  if (network.mode === 'bridge') await joinBridge(network.device, network.bridge, signal);
  return record;
}
