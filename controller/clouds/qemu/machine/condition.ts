import { setTimeout } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';
import { lastWords, readMachineConsole } from './console.ts';
import type { MachineFolder } from './machine-folder.ts';
import { processesOf, readMachineProcesses } from './machine-process.ts';
import { readStatus } from './power.ts';
import type { MachineTag } from './tag.ts';

const LOOK_MS = 500;

/** Why a machine of this status does not run, to complete "its machine …". */
const REASONS = new Map([
  ['shutdown', 'was powered off'],
  ['guest-panicked', 'has panicked'],
  ['io-error', "stands still: its disk can't be written, the controller's may be full (io-error)"],
  ['internal-error', 'was stopped by its accelerator (internal-error)'],
  ['paused', 'stands still (paused)'],
]);

/** What firmware and kernel print when there is nothing to wait for. */
const HOPELESS = [
  { pattern: /No bootable device/, reason: 'finds nothing to boot on its disk' },
  { pattern: /Kernel panic - not syncing/, reason: 'has panicked' },
  { pattern: /^\(initramfs\)/m, reason: 'does not find its root file system' },
];
/** The firmware says this first at each start of the machine. */
const START = 'SeaBIOS (version';

/**
 * Why the machine does not run, to complete "its machine …"; undefined where it does.
 *
 * @throws FootmanError `cloud-unavailable` where its QEMU is there and does not answer
 */
export async function troubleOf(
  folder: MachineFolder,
  tag: MachineTag,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return REASONS.get(await readStatus(folder, signal));
  } catch (error) {
    if (signal.aborted || processesOf(tag, await readMachineProcesses()).length > 0) throw error;
    return 'has no QEMU any more: it was ended from outside';
  }
}

/**
 * Does what waits for a machine to boot, for as long as that may still come true.
 *
 * @throws FootmanError `cloud-unavailable`, with the end of its console, as soon as it is seen that the machine will not boot
 */
export async function whileBooting<T>(
  folder: MachineFolder,
  tag: MachineTag,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const bounded = AbortSignal.any([signal, done.signal]);
  const hopeless = Promise.withResolvers<never>();
  // Where the caller's time is over, the work itself knows best what it has waited for.
  watch(folder, tag, bounded).catch((error: unknown) => bounded.aborted || hopeless.reject(error));
  try {
    return await Promise.race([work(bounded), hopeless.promise]);
  } finally {
    done.abort(new Error('the machine is not waited for any more'));
  }
}

async function watch(folder: MachineFolder, tag: MachineTag, signal: AbortSignal): Promise<never> {
  for (;;) {
    await setTimeout(LOOK_MS, undefined, { signal });
    // A QEMU that is slow to answer is none that has ended.
    const trouble = await troubleOf(folder, tag, signal).catch(() => undefined);
    const reason = trouble ?? hopelessness(await readMachineConsole(folder, signal));
    if (reason === undefined) continue;
    const words = await lastWords(folder, signal);
    throw new FootmanError('cloud-unavailable', `the machine ${reason}; ${words}`);
  }
}

/** Only what it printed since its last start counts. */
function hopelessness(text: string): string | undefined {
  const recent = text.slice(Math.max(0, text.lastIndexOf(START)));
  return HOPELESS.find(({ pattern }) => pattern.test(recent))?.reason;
}
