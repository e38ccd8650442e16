import type { SshLauncher } from '#controller/launchers/ssh';
import type { Logger } from '#controller/logger';
import { FootmanError } from '#shared/errors';
import type { Cloud, CloudImages, Launch, Launched } from '../contract.ts';
import { checkBridge } from './bridge.ts';
import type { FastStarts } from './fast-start/index.ts';
import { imageStamp } from './image-stamp.ts';
import { readImage, whileBooting } from './machine/index.ts';
import type { Machines } from './machines.ts';
import { newRecord } from './new-record.ts';
import type { NodeRecord } from './node-record.ts';
import type { NodeStore } from './node-store.ts';
import type { QemuTemplate } from './schema.ts';
import { wayTo } from './way-to.ts';

interface Deps {
  controllerId: string;
  store: NodeStore;
  machines: Machines;
  launcher: SshLauncher;
  fastStarts: FastStarts;
  images: Pick<CloudImages, 'find'>;
  logger: Logger;
}

/** What is to be made; `image` as the launch names it. */
interface Wanted {
  node: string;
  template: QemuTemplate;
  image: string | undefined;
}

/** How long a machine that woke may take to its agent before it boots instead, in milliseconds; an emulated one needs some four seconds. */
const AWAKE_LIMIT_MS = 45_000;

/**
 * Launches: a record, a machine, and an agent on it. Each step is done only where it was not, so a launch that was cut short is finished by
 * the next one: a machine that boots is waited for, one that died on the way gets a fresh disk. No launch fails by a saved state: where its
 * machine does not come up, it boots.
 */
export function createLaunch({
  controllerId,
  store,
  machines,
  launcher,
  fastStarts,
  images,
  logger,
}: Deps): Cloud<QemuTemplate>['launch'] {
  const launches = new Map<string, Promise<Launched>>();
  let recorded: Promise<unknown> = Promise.resolve();
  return launchOnce;

  /** A second call for a node waits for the first. */
  function launchOnce(launch: Launch<QemuTemplate>, signal: AbortSignal): Promise<Launched> {
    const { id } = launch.node;
    const running = launches.get(id) ?? start(launch, signal).finally(() => launches.delete(id));
    launches.set(id, running);
    return running;
  }

  async function start(
    { node: { id }, template, image, bootstrap }: Launch<QemuTemplate>,
    signal: AbortSignal,
  ): Promise<Launched> {
    signal.throwIfAborted();
    const known = (await store.find(id)) ?? (await recordInTurn({ node: id, template, image }, signal));
    const begun = await machines.begin(known, signal);
    const record = await withAgent(begun, bootstrap, signal);
    if (!record.launched) await store.replace({ ...record, launched: true });
    return { resource: store.folderOf(id).path, image: record.image.stamp };
  }

  /** One that woke and does not come up boots instead. Returns the record as it is by then. */
  async function withAgent(
    record: NodeRecord,
    bootstrap: Launch<QemuTemplate>['bootstrap'],
    signal: AbortSignal,
  ): Promise<NodeRecord> {
    const { node, fastStart } = record;
    if (fastStart === null || record.launched) {
      await startAgent(record, bootstrap, signal);
      return record;
    }
    const soon = AbortSignal.any([signal, AbortSignal.timeout(AWAKE_LIMIT_MS)]);
    try {
      await startAgent(record, bootstrap, soon);
      fastStarts.cameUp(fastStart);
      return record;
    } catch (error) {
      signal.throwIfAborted();
      const isUnavailable = error instanceof FootmanError && error.code === 'cloud-unavailable';
      if (!soon.aborted && !isUnavailable) throw error;
      logger.warn(
        { err: error, node },
        'a machine woke from its saved state and did not come up; it boots now',
      );
      await fastStarts.didNotComeUp(fastStart);
      const booted = await machines.bootAfresh(record, signal);
      await startAgent(booted, bootstrap, signal);
      return booted;
    }
  }

  function startAgent(
    record: NodeRecord,
    bootstrap: Launch<QemuTemplate>['bootstrap'],
    signal: AbortSignal,
  ): Promise<void> {
    const id = record.node;
    return whileBooting(store.folderOf(id), machines.tagOf(id), signal, (bounded) =>
      launcher.start(wayTo(record, true), { id, bootstrap }, bounded),
    );
  }

  /** One after the other: no two get one address. */
  function recordInTurn(wanted: Wanted, signal: AbortSignal): Promise<NodeRecord> {
    const own = recorded.then(() => record(wanted, signal));
    recorded = own.catch(() => undefined);
    return own;
  }

  async function record({ node, template, image: name }: Wanted, signal: AbortSignal): Promise<NodeRecord> {
    const { path } = await readImage(await pathOf({ template, image: name }, signal), signal);
    if (template.network !== 'user') checkBridge(template.network.bridge);
    const image = { path, stamp: (await imageStamp(path)) ?? path };
    const others = await store.everybodys();
    const taken = new Set(others.map(({ address }) => address.address.replace(/\/.*/, '')));
    const fastStart = template['fast-start'] ? await fastStarts.find(template, image, signal) : null;
    const wanted = { controller: controllerId, node, template, image, fastStart, taken };
    await store.make(await newRecord(wanted));
    const made = await store.find(node);
    if (made !== undefined) return made;
    throw new FootmanError('cloud-refused', `${store.folderOf(node).path} is another controller's`);
  }

  /** The file that the node's disk is to stand on. */
  async function pathOf({ template, image }: Omit<Wanted, 'node'>, signal: AbortSignal): Promise<string> {
    if (image === undefined) {
      if (template.image !== undefined) return template.image;
      throw new FootmanError(
        'cloud-refused',
        'the template has no image, and its stream none that is current',
      );
    }
    const found = await images.find(image, signal);
    if (found !== null) return found.image;
    throw new FootmanError('cloud-refused', `there is no image ${image}`);
  }
}
