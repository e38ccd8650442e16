import { readFile } from 'node:fs/promises';
import { endProcesses, readProcessTable, type ProcessIdentity } from '#controller/processes';
import { tagIn, type MachineTag } from './tag.ts';

export interface MachineProcess extends ProcessIdentity {
  tag: MachineTag;
}

/**
 * All QEMU processes of ours and of other controllers, by the tags in their command lines. No file is asked for process numbers: there is
 * always a moment in which it is not written yet, or another process has its number.
 */
export async function readMachineProcesses(): Promise<MachineProcess[]> {
  const table = await readProcessTable();
  const found = await Promise.all(table.map(asMachine));
  return found.filter((each) => each !== undefined);
}

/** While QEMU starts, it is two processes for a moment. */
export function processesOf(tag: MachineTag, all: readonly MachineProcess[]): MachineProcess[] {
  return all.filter(
    ({ tag: its }) => its.controller === tag.controller && its.cloud === tag.cloud && its.node === tag.node,
  );
}

/** Ends the machine as a pulled plug does. Idempotent. */
export async function endMachine(tag: MachineTag, signal: AbortSignal): Promise<void> {
  await endProcesses(async () => processesOf(tag, await readMachineProcesses()), signal);
}

async function asMachine({ pid, startTicks }: ProcessIdentity): Promise<MachineProcess | undefined> {
  // A process may have ended since; what has no words is a thread of the kernel's.
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const tag = tagIn(text.split('\0'));
  return tag === undefined ? undefined : { pid, startTicks, tag };
}
