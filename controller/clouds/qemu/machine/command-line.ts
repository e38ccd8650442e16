import { CHANNEL, MONITOR, type MachineFolder } from './machine-folder.ts';
import { nameOf, type MachineTag } from './tag.ts';

export type Accelerator = 'kvm' | 'tcg';

/** How a machine is on the net. */
export type MachineNetwork =
  /** Behind QEMU's own router: `port` on 127.0.0.1 leads to its SSH server; `restrict` leaves it nothing else. */
  | { mode: 'user'; port: number; restrict: boolean }
  /** A network device of this machine's, which QEMU makes and which goes with it. */
  | { mode: 'tap'; device: string };

export interface MachineSpec {
  tag: MachineTag;
  folder: MachineFolder;
  accelerator: Accelerator;
  cpus: number;
  memoryBytes: number;
  network: MachineNetwork;
  mac: string;
  /** For a machine whose state is to be saved, or that starts from a saved one. */
  saved?: SavedState;
}

export interface SavedState {
  /** File with its memory, of its size. */
  memory: string;
  /** `write`: the file is its memory. `read`: it starts from it, and what it changes is its own. */
  way: 'write' | 'read';
  /** Name of the port that the guest hears us on. */
  port: string;
}

/** Enough for any guest's kernel and programs; unbounded it grows to more than the guest's memory. */
const TRANSLATION_CACHE_MIB = 128;
/** A power of two, as QEMU wants it. */
export const CONSOLE_BYTES = 64 * 1024;

/**
 * QEMU's arguments. It is to be started in the machine's folder.
 *
 * The serial line ends in a ring in QEMU's memory, not in a file: a guest can't fill the disk with it. A guest that powers itself off or
 * panics leaves QEMU there, paused, so that both can be told from a QEMU that was killed.
 */
export function qemuArguments({
  tag,
  folder,
  accelerator,
  cpus,
  memoryBytes,
  network,
  mac,
  saved,
}: MachineSpec): string[] {
  return [
    ['-name', nameOf(tag)],
    ['-nodefaults', '-no-user-config'],
    ['-display', 'none'],
    ['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    // Without graphics the firmware speaks on the serial line, too.
    ['-machine', 'pc,graphics=off,usb=off,vmport=off'],
    processorArguments(accelerator),
    ['-smp', `cpus=${cpus}`],
    ['-m', `${Math.ceil(memoryBytes / 2 ** 20)}M`],
    ['-rtc', 'base=utc,clock=host'],
    ['-action', 'reboot=reset,shutdown=pause,panic=pause'],
    ['-qmp', `unix:${MONITOR},server=on,wait=off`],
    ['-chardev', `ringbuf,id=console,size=${CONSOLE_BYTES}`],
    ['-serial', 'chardev:console'],
    ['-blockdev', JSON.stringify(overlayDrive(folder.overlay))],
    ['-device', 'virtio-blk-pci,drive=disk,bootindex=0'],
    ['-blockdev', JSON.stringify(readOnlyDrive('seed', folder.seed))],
    ['-device', 'virtio-blk-pci,drive=seed'],
    ['-blockdev', JSON.stringify(readOnlyDrive('runtime', folder.runtime))],
    ['-device', 'virtio-blk-pci,drive=runtime'],
    ['-netdev', netdev(network)],
    ['-device', `virtio-net-pci,netdev=net,mac=${mac},romfile=`],
    ['-device', 'virtio-rng-pci'],
    ['-device', 'pvpanic'],
    saved === undefined ? [] : savedArguments(saved, memoryBytes),
  ].flat();
}

export function processorArguments(accelerator: Accelerator): string[] {
  if (accelerator === 'kvm') return ['-accel', 'kvm', '-cpu', 'host'];
  return ['-accel', `tcg,thread=multi,tb-size=${TRANSLATION_CACHE_MIB}`, '-cpu', 'max'];
}

/** Its devices are those of any machine, and one more; one that starts from a state waits for it. */
function savedArguments({ memory, way, port }: SavedState, memoryBytes: number): string[] {
  const size = Math.ceil(memoryBytes / 2 ** 20) * 2 ** 20;
  const share = way === 'write';
  return [
    [
      '-object',
      JSON.stringify({ 'qom-type': 'memory-backend-file', id: 'memory', 'mem-path': memory, size, share }),
    ],
    ['-machine', 'memory-backend=memory'],
    ['-chardev', `socket,id=channel,path=${CHANNEL},server=on,wait=off`],
    ['-device', 'virtio-serial-pci'],
    ['-device', `virtserialport,chardev=channel,name=${port}`],
    way === 'read' ? ['-incoming', 'defer', '-S'] : [],
  ].flat();
}

/** What the guest deletes is given back to the disk of this machine. */
function overlayDrive(filename: string): object {
  const space = { discard: 'unmap', 'detect-zeroes': 'unmap' };
  return { driver: 'qcow2', 'node-name': 'disk', ...space, file: { driver: 'file', filename, ...space } };
}

function readOnlyDrive(name: string, filename: string): object {
  return { driver: 'raw', 'node-name': name, 'read-only': true, file: { driver: 'file', filename } };
}

function netdev(network: MachineNetwork): string {
  if (network.mode === 'tap') return `tap,id=net,ifname=${network.device},script=no,downscript=no`;
  const { port, restrict } = network;
  return `user,id=net,ipv6=off,restrict=${restrict ? 'on' : 'off'},hostfwd=tcp:127.0.0.1:${port}-:22`;
}
