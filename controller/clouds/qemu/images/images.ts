import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '#controller/files';
import type { SshLauncher } from '#controller/launchers/ssh';
import { FootmanError } from '#shared/errors';
import type { CapturedImage, CloudImages, NodeReference } from '../../contract.ts';
import type { FastStarts } from '../fast-start/index.ts';
import {
  endMachine,
  pressPowerButton,
  qemuImg,
  readStatus,
  waitForPowerOff,
  whileBooting,
} from '../machine/index.ts';
import type { Machines } from '../machines.ts';
import type { NodeRecord } from '../node-record.ts';
import type { NodeStore } from '../node-store.ts';
import { wayTo } from '../way-to.ts';
import { FORGET } from './forget-script.ts';
import { createImageStore } from './image-store.ts';
import { checkOwnDisk } from './own-disk.ts';
import { createTurns } from './turns.ts';

interface Deps {
  /** Of this controller's images alone. */
  folder: string;
  store: NodeStore;
  machines: Machines;
  launcher: SshLauncher;
  fastStarts: FastStarts;
  /** How long a machine may take to power itself off, in milliseconds. */
  graceMs: number;
}

/** Removes what captures and imports of an earlier life were writing. */
export async function openImages({
  folder,
  store,
  machines,
  launcher,
  fastStarts,
  graceMs,
}: Deps): Promise<CloudImages> {
  const images = createImageStore(folder);
  const inTurn = createTurns();
  await images.removeAsides();

  return {
    async find(name, signal) {
      signal.throwIfAborted();
      return images.find(name);
    },
    capture: (node, name, signal) => once(name, () => capture(node, name, signal), signal),
    import: (name, content, signal) => once(name, () => take(name, content, signal), signal),
    remove: (name, signal) => inTurn(name, () => remove(name), signal),
    async *list(signal) {
      signal.throwIfAborted();
      yield* await images.list();
    },
    async export(name, signal) {
      signal.throwIfAborted();
      const found = await images.find(name);
      if (found === null) throw new FootmanError('cloud-refused', `there is no image ${name}`);
      return { content: createReadStream(found.image, { signal }), suffix: '.qcow2' };
    },
  };

  /** Makes an image, unless it is there by the time that it is its turn. */
  function once(
    name: string,
    make: () => Promise<CapturedImage>,
    signal: AbortSignal,
  ): Promise<CapturedImage> {
    return inTurn(name, async () => (await images.find(name)) ?? make(), signal);
  }

  async function capture({ id }: NodeReference, name: string, signal: AbortSignal): Promise<CapturedImage> {
    const record = await store.find(id);
    if (record === undefined) throw new FootmanError('cloud-refused', `there is no machine of node ${id}`);
    if (!record.isForgetful) await forget(record, signal);
    await powerOff(id, signal);
    const { overlay } = store.folderOf(id);
    const flatten = (disk: string) =>
      qemuImg(['convert', '-f', 'qcow2', '-O', 'qcow2', overlay, disk], signal);
    return images.make(
      name,
      async (disk) => {
        await flatten(disk);
        await checkOwnDisk(disk, signal);
      },
      signal,
    );
  }

  function take(name: string, content: Readable, signal: AbortSignal): Promise<CapturedImage> {
    return images.make(
      name,
      async (disk) => {
        await pipeline(content, createWriteStream(disk, { mode: 0o600 }), { signal }).catch(whereFull);
        await checkOwnDisk(disk, signal);
      },
      signal,
    );
  }

  async function remove(name: string): Promise<void> {
    const image = images.pathOf(name);
    const user = (await store.everybodys()).find((record) => record.image.path === image);
    if (user !== undefined) {
      throw new FootmanError('cloud-refused', `the disk of ${user.node} stands on ${image}`, {
        hint: 'it can be removed when that node is gone',
      });
    }
    await fastStarts.leaveImage(image);
    await images.remove(name);
  }

  /** Afterwards nobody can log in any more, so this is noted. */
  async function forget(record: NodeRecord, signal: AbortSignal): Promise<void> {
    const { node } = record;
    if (record.user !== 'root' && !record.sudo) {
      throw new FootmanError(
        'cloud-refused',
        `the disk of ${node} can't be captured: its user can't become root`,
        {
          hint: 'set `sudo: true` on the template',
        },
      );
    }
    const running = await machines.powerOn(record, signal);
    await whileBooting(store.folderOf(node), machines.tagOf(node), signal, async (bounded) => {
      await launcher.end(wayTo(running, true), node, bounded);
      await launcher.run(wayTo(running, true), FORGET, bounded);
    });
    await store.replace({ ...running, isForgetful: true });
  }

  async function powerOff(node: string, signal: AbortSignal): Promise<void> {
    const folder = store.folderOf(node);
    launcher.forget(node);
    // A machine that is gone or stuck: all that counts was written before.
    const status = await readStatus(folder, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (status === 'running') {
      await pressPowerButton(folder, signal);
      await waitForPowerOff(folder, graceMs, signal);
    }
    await endMachine(machines.tagOf(node), signal);
  }
}

function whereFull(error: unknown): never {
  if (codeOf(error) !== 'ENOSPC') throw error;
  throw new FootmanError('cloud-aborted', 'the disk of the controller is full', { cause: error });
}
