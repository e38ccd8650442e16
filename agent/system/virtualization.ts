import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from './read-text.ts';

/**
 * What the node runs in, in the words of systemd-detect-virt(1): a kind of container, else a kind of machine, `none` on bare metal, and
 * null where nothing tells. Reads a few small files and starts nothing: it is part of every agent's start. `root` is where they are.
 */
export function findVirtualization(root = '/'): string | null {
  return containerOf(root) ?? machineOf(root);
}

/** Engines by how they name the control groups of their containers; `docker.service` is the engine itself. */
const GROUPS: readonly (readonly [string, RegExp])[] = [
  ['docker', /\/docker[/-][0-9a-f]{12,}/],
  ['podman', /\/libpod-/],
  ['lxc', /\/lxc(\.payload)?[./]/],
  ['container', /\/(kubepods|cri-containerd-|crio-)/],
];

const ENGINES: ReadonlySet<string> = new Set(['docker', 'podman', 'lxc']);

function containerOf(root: string): string | null {
  if (existsSync(join(root, 'run/.containerenv'))) return 'podman';
  if (existsSync(join(root, '.dockerenv'))) return 'docker';
  // Written by systemd within a container, from what its engine has told it.
  const told = readText(root, 'run/systemd/container').trim();
  if (told !== '') return ENGINES.has(told) ? told : 'container';
  const groups = readText(root, 'proc/self/cgroup');
  const engine = GROUPS.find(([, pattern]) => pattern.test(groups))?.[0];
  if (engine !== undefined) return engine;
  return existsSync(join(root, 'run/secrets/kubernetes.io')) ? 'container' : null;
}

/** Machines by what their firmware says of its maker. Those with KVM's clock are `kvm`, whatever they are called. */
const MAKERS: readonly (readonly [string, RegExp])[] = [
  ['vmware', /VMware/i],
  ['virtualbox', /VirtualBox|innotek/i],
  ['hyperv', /^Microsoft Corporation Virtual Machine/],
  ['xen', /\bXen\b/],
  ['parallels', /Parallels/],
  ['bhyve', /BHYVE/],
  ['apple', /Apple Virtualization/],
  ['amazon', /^Amazon EC2 (?!.*metal)/],
  ['qemu', /QEMU|^OpenStack|^Bochs/],
];

function machineOf(root: string): string | null {
  const made = ['sys_vendor', 'product_name']
    .map((file) => readText(root, `sys/class/dmi/id/${file}`).trim())
    .join(' ')
    .trim();
  const maker = MAKERS.find(([, pattern]) => pattern.test(made))?.[0];
  if (maker !== undefined && maker !== 'qemu') return maker;
  if (readText(root, 'sys/hypervisor/type').trim() === 'xen') return isXenHost(root) ? 'none' : 'xen';
  const clocks = readText(root, 'sys/devices/system/clocksource/clocksource0/available_clocksource');
  if (clocks.includes('kvm-clock')) return 'kvm';
  return maker ?? processorOf(root, made);
}

function isXenHost(root: string): boolean {
  return readText(root, 'proc/xen/capabilities').includes('control_d');
}

/** An x86 processor tells whether something stands between it and the system; of others only a maker's name gives a hint. */
function processorOf(root: string, made: string): string | null {
  const flags = /^flags\s*:(.*)$/m.exec(readText(root, 'proc/cpuinfo'))?.[1];
  if (flags === undefined) return made === '' ? null : 'none';
  return /\bhypervisor\b/.test(flags) ? 'vm' : 'none';
}
