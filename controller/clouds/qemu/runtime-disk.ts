import { link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '#controller/files';
import type { RuntimeFolder } from '#controller/launchers';
import { runProgram } from '#controller/programs';
import type { CloudContext } from '../contract.ts';
import { RUNTIME_LABEL, type MachineFolder } from './machine/index.ts';

/** Puts the disk with the agent's runtime into a machine's folder; one that is there is replaced. Returns the runtime's digest. */
export type PutRuntime = (folder: MachineFolder, signal: AbortSignal) => Promise<string>;

/**
 * The agent's runtime as a disk that all machines read: so it is neither copied over SSH nor unpacked, which takes a minute where no KVM
 * is. The disk is made once for each runtime; machines have links of their own to it, and keep theirs when another takes its place.
 */
export function createRuntimeDisk(folder: string, runtime: CloudContext['runtime']): PutRuntime {
  let making: Promise<unknown> = Promise.resolve();
  return put;

  async function put(machine: MachineFolder, signal: AbortSignal): Promise<string> {
    const found = await runtime(signal);
    const own = making.then(() => linkTo(found, machine, signal));
    making = own.catch(() => undefined);
    await own;
    return found.digest;
  }

  async function linkTo(found: RuntimeFolder, machine: MachineFolder, signal: AbortSignal): Promise<void> {
    const disk = join(folder, `${found.digest}.iso`);
    if (!(await exists(disk))) await make(found, disk, signal);
    await rm(machine.runtime, { force: true });
    await link(disk, machine.runtime);
  }

  async function make({ path }: RuntimeFolder, disk: string, signal: AbortSignal): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const old of await readdir(folder)) await rm(join(folder, old), { force: true });
    const aside = `${disk}.new`;
    const args = ['-quiet', '-rational-rock', '-volid', RUNTIME_LABEL, '-output', aside, path];
    await runProgram({ file: 'genisoimage', args, package: 'genisoimage' }, signal);
    await rename(aside, disk);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    },
  );
}
