import { createReadStream } from 'node:fs';
import type { SshLauncher } from '#controller/launchers/ssh';
import { FootmanError } from '#shared/errors';
import type { CapturedImage, CloudImages, NodeReference } from '../../contract.ts';
import type { FastStarts } from '../fast-start/index.ts';
import { endMachine, pressPowerButton, readStatus, waitForPowerOff, whileBooting } from '../machine/index.ts';
import type { Machines } from '../machines.ts';
import type { NodeRecord } from '../node-record.ts';
import type { NodeStore } from '../node-store.ts';
import { wayTo } from '../way-to.ts';
import { FORGET } from './forget-script.ts';
import { createImageFiles } from './image-files.ts';

interface Deps {
  folder: string;
  store: NodeStore;
  machines: Machines;
  launcher: SshLauncher;
  fastStarts: FastStarts;
  /** How long a machine may take to power itself off, in milliseconds. */
  graceMs: number;
}

/** Removes what captures of an earlier life were writing. */
export async function openImages({
  folder,
  store,
  machines,
  launcher,
  fastStarts,
  graceMs,
}: Deps): Promise<CloudImages> {
  const files = createImageFiles(folder);
  const captures = new Map<string, Promise<CapturedImage>>();
  await files.removeAsides();

  return {
    /** A second call for a version waits for the first. */
    capture(node, name, signal) {
      const running = captures.get(name) ?? capture(node, name, signal).finally(() => captures.delete(name));
      captures.set(name, running);
      return running;
    },
    async find(name, signal) {
      signal.throwIfAborted();
      return files.find(name);
    },
    async remove(name, signal) {
      signal.throwIfAborted();
      const image = files.pathOf(name);
      const user = (await store.everybodys()).find((record) => record.image.path === image);
      if (user !== undefined) {
        throw new FootmanError('cloud-refused', `the disk of ${user.node} stands on ${image}`, {
          hint: 'it can be removed when that node is gone',
        });
      }
      await fastStarts.leaveImage(image);
      await files.remove(name);
    },
    async *list(signal) {
      signal.throwIfAborted();
      yield* await files.list();
    },
    async export(name, signal) {
      signal.throwIfAborted();
      return { content: createReadStream(files.pathOf(name), { signal }), suffix: '.qcow2' };
    },
    import: (name, content, signal) => files.take(name, content, signal),
  };

  async function capture(
    { id }: NodeReference,
    version: string,
    signal: AbortSignal,
  ): Promise<CapturedImage> {
    signal.throwIfAborted();
    const made = await files.find(version);
    if (made !== null) return made;
    const record = await store.find(id);
    if (record === undefined) throw new FootmanError('cloud-refused', `there is no machine of node ${id}`);
    if (!record.isForgetful) await forget(record, signal);
    await powerOff(id, signal);
    return files.make(version, store.folderOf(id).overlay, signal);
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
