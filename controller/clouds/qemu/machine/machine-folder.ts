import { join } from 'node:path';

/**
 * What a machine has on disk.
 *
 *     overlay.qcow2   its disk: what it wrote, over the image
 *     seed.iso        what cloud-init reads at its boot
 *     runtime.iso     the agent's runtime
 *     monitor.sock    QEMU's monitor, while it runs
 *     console.log     the end of what it printed on its serial line
 */
export interface MachineFolder {
  path: string;
  overlay: string;
  seed: string;
  runtime: string;
  console: string;
}

/** Relative to the folder: the paths of sockets are short, and a folder's may be long. */
export const MONITOR = 'monitor.sock';
/** Leads to a program in the guest, on machines that are saved or start from a saved state. */
export const CHANNEL = 'channel.sock';

export function machineFolder(path: string): MachineFolder {
  return {
    path,
    overlay: join(path, 'overlay.qcow2'),
    seed: join(path, 'seed.iso'),
    runtime: join(path, 'runtime.iso'),
    console: join(path, 'console.log'),
  };
}
