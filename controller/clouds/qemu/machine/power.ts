import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import type { MachineFolder } from './machine-folder.ts';
import { withQmp } from './qmp.ts';

const LOOK_MS = 250;
const Status = z.object({ status: z.string() });

/** QEMU's word for the machine: `running`, `shutdown` after it powered itself off, `guest-panicked`, `io-error`, `paused`… */
export function readStatus(folder: MachineFolder, signal: AbortSignal): Promise<string> {
  return withQmp(folder, signal, async (qmp) => Status.parse(await qmp.execute('query-status')).status);
}

/** Presses the power button: the guest's system may end its programs and write its disk. Does not wait for it. */
export async function pressPowerButton(folder: MachineFolder, signal: AbortSignal): Promise<void> {
  await withQmp(folder, signal, (qmp) => qmp.execute('system_powerdown'));
}

/** Waits until the machine powered itself off, at most so long; whether it did. Its QEMU is still there. */
export async function waitForPowerOff(
  folder: MachineFolder,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (const end = performance.now() + limitMs; ;) {
    if ((await readStatus(folder, signal)) === 'shutdown') return true;
    if (performance.now() >= end) return false;
    await setTimeout(LOOK_MS, undefined, { signal });
  }
}

/** Starts the machine anew, as its reset button does; one that was powered off or stands still, too. */
export async function resetMachine(folder: MachineFolder, signal: AbortSignal): Promise<void> {
  await withQmp(folder, signal, async (qmp) => {
    await qmp.execute('system_reset');
    await qmp.execute('cont');
  });
}
