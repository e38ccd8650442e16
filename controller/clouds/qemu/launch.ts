import type { SshLauncher } from '#controller/launchers/ssh';
import { FootmanError } from '#shared/errors';
import type { Cloud, Launch, Launched } from '../contract.ts';
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
}

/**
 * Launches: a record, a machine, and an agent on it. Each step is done only where it was not, so a launch that was cut short is finished by
 * the next one: a machine that boots is waited for, one that died on the way gets a fresh disk.
 */
export function createLaunch({
  controllerId,
  store,
  machines,
  launcher,
  fastStarts,
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
    { node: { id }, template, bootstrap }: Launch<QemuTemplate>,
    signal: AbortSignal,
  ): Promise<Launched> {
    signal.throwIfAborted();
    const known = (await store.find(id)) ?? (await recordInTurn(id, template, signal));
    const record = await machines.begin(known, signal);
    const folder = store.folderOf(id);
    await whileBooting(folder, machines.tagOf(id), signal, (bounded) =>
      launcher.start(wayTo(record, true), { id, bootstrap }, bounded),
    );
    if (!record.launched) await store.replace({ ...record, launched: true });
    return { resource: folder.path, image: record.image.stamp };
  }

  /** One after the other: no two get one address. */
  function recordInTurn(node: string, template: QemuTemplate, signal: AbortSignal): Promise<NodeRecord> {
    const own = recorded.then(() => record(node, template, signal));
    recorded = own.catch(() => undefined);
    return own;
  }

  async function record(node: string, template: QemuTemplate, signal: AbortSignal): Promise<NodeRecord> {
    const { path } = await readImage(template.image, signal);
    if (template.network !== 'user') checkBridge(template.network.bridge);
    const stamp = (await imageStamp(path)) ?? path;
    const others = await store.everybodys();
    const taken = new Set(others.map(({ address }) => address.address.replace(/\/.*/, '')));
    const fastStart = template['fast-start'] ? await fastStarts.find(template, stamp, signal) : null;
    const wanted = { controller: controllerId, node, template, imageStamp: stamp, fastStart, taken };
    await store.make(await newRecord(wanted));
    const made = await store.find(node);
    if (made !== undefined) return made;
    throw new FootmanError('cloud-refused', `${store.folderOf(node).path} is another controller's`);
  }
}
