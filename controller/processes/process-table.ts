import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { readProcess, type KernelProcess } from './kernel-process.ts';

/** Reads that go without a pause for others, about half a millisecond. */
const READS_IN_A_ROW = 50;

/** All processes of the machine. One that starts or ends meanwhile may be in it or not. */
export async function readProcessTable(): Promise<KernelProcess[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const table: KernelProcess[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % READS_IN_A_ROW === READS_IN_A_ROW - 1) await setImmediate();
    const found = readProcess(pid);
    if (found !== undefined) table.push(found);
  }
  return table;
}
