import type { Logger } from '#controller/logger';
import {
  endMachine,
  pressPowerButton,
  readMachineConsole,
  waitForPowerOff,
  type MachineFolder,
  type MachineTag,
} from './machine/index.ts';

/** Machines that are being powered off while nobody waits for it. */
export interface PowerOffs {
  /** Presses the power button now; when the machine is off, or the grace is over, QEMU is ended. Idempotent. */
  begin(folder: MachineFolder, tag: MachineTag, signal: AbortSignal): Promise<void>;
  /** Nobody ends this machine from here any more. */
  forget(node: string): void;
  /** Leaves the machines as they are. */
  close(): Promise<void>;
}

export function createPowerOffs(graceMs: number, logger: Logger): PowerOffs {
  const underWay = new Map<string, { abort: AbortController; done: Promise<void> }>();

  return {
    async begin(folder, tag, signal) {
      if (underWay.has(tag.node)) return;
      // QEMU is gone or stuck: then there is nothing to wait for.
      const pressed = graceMs > 0 && (await press(folder, signal));
      signal.throwIfAborted();
      if (!pressed) return endMachine(tag, signal);
      if (underWay.has(tag.node)) return;
      const abort = new AbortController();
      const done = finish(folder, tag, abort.signal).finally(() => underWay.delete(tag.node));
      underWay.set(tag.node, { abort, done });
    },
    forget(node) {
      underWay.get(node)?.abort.abort();
    },
    async close() {
      const all = [...underWay.values()];
      for (const { abort } of all) abort.abort();
      await Promise.all(all.map(({ done }) => done));
    },
  };

  async function finish(folder: MachineFolder, tag: MachineTag, signal: AbortSignal): Promise<void> {
    try {
      await waitForPowerOff(folder, graceMs, signal).catch(() => undefined);
      // Its last words go with its QEMU.
      await readMachineConsole(folder, signal);
      await endMachine(tag, signal);
    } catch (error) {
      // Its removal ends it, too.
      if (!signal.aborted) logger.warn({ err: error, node: tag.node }, 'a machine was not powered off');
    }
  }
}

async function press(folder: MachineFolder, signal: AbortSignal): Promise<boolean> {
  return pressPowerButton(folder, signal).then(
    () => true,
    () => false,
  );
}
