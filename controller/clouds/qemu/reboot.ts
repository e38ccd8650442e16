import type { SshLauncher } from '#controller/launchers/ssh';
import { FootmanError } from '#shared/errors';
import type { Cloud, Reboot } from '../contract.ts';
import {
  pressPowerButton,
  readStatus,
  resetMachine,
  waitForPowerOff,
  whileBooting,
} from './machine/index.ts';
import type { Machines } from './machines.ts';
import type { NodeRecord } from './node-record.ts';
import type { NodeStore } from './node-store.ts';
import type { QemuTemplate } from './schema.ts';
import { wayTo } from './way-to.ts';

interface Deps {
  store: NodeStore;
  machines: Machines;
  launcher: SshLauncher;
  /** How long a machine may take to power itself off, in milliseconds. */
  graceMs: number;
}

/** How long a machine may take to restart itself before it is reset, in milliseconds; an emulated one takes half a minute. */
const FROM_INSIDE_MS = 180_000;

/**
 * Restarts machines with their disks: from inside where the guest answers and the user may, else by the buttons of the machine, else by
 * a new QEMU. Then an agent is started.
 */
export function createReboot({
  store,
  machines,
  launcher,
  graceMs,
}: Deps): NonNullable<Cloud<QemuTemplate>['reboot']> {
  return reboot;

  async function reboot(
    { node: { id }, boot, bootstrap }: Reboot<QemuTemplate>,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const record = await store.find(id);
    if (record === undefined) throw new FootmanError('cloud-refused', `there is no machine of node ${id}`);
    const restarted = await restart(record, boot, signal);
    await whileBooting(store.folderOf(id), machines.tagOf(id), signal, (bounded) =>
      launcher.start(wayTo(restarted, true), { id, bootstrap, isRestarted: true }, bounded),
    );
  }

  async function restart(record: NodeRecord, boot: string, signal: AbortSignal): Promise<NodeRecord> {
    if (await succeeds(() => restartInside(record, boot, signal), signal)) return record;
    // Its connection led to what is gone by now.
    launcher.forget(record.node);
    if (await succeeds(() => restartByButtons(record, signal), signal)) return record;
    return machines.powerOn(record, signal);
  }

  async function restartInside(record: NodeRecord, boot: string, signal: AbortSignal): Promise<void> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(FROM_INSIDE_MS)]);
    const { node } = record;
    await whileBooting(store.folderOf(node), machines.tagOf(node), limited, (bounded) =>
      launcher.reboot(wayTo(record, true), boot, bounded),
    );
  }

  async function restartByButtons({ node }: NodeRecord, signal: AbortSignal): Promise<void> {
    const folder = store.folderOf(node);
    if ((await readStatus(folder, signal)) === 'running') {
      await pressPowerButton(folder, signal);
      await waitForPowerOff(folder, graceMs, signal);
    }
    await resetMachine(folder, signal);
  }
}

/** What fails is tried otherwise, unless nobody waits for it any more. */
async function succeeds(act: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
  try {
    await act();
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
