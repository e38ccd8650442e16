import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readOsRelease } from './os-release.ts';
import { findVirtualization } from './virtualization.ts';

const CLOCKS = 'sys/devices/system/clocksource/clocksource0/available_clocksource';

const QEMU = dmi('QEMU', 'Standard PC (Q35 + ICH9, 2009)');

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'footman-facts-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('what a node runs in', () => {
  test.each([
    ['podman', { 'run/.containerenv': 'engine="podman-4.3.1"\n', '.dockerenv': '' }],
    ['docker', { '.dockerenv': '' }],
    ['lxc', { 'run/systemd/container': 'lxc\n' }],
    ['container', { 'run/systemd/container': 'rkt\n' }],
    ['docker', { 'proc/self/cgroup': '0::/docker/0123456789abcdef/init\n' }],
    ['docker', { 'proc/self/cgroup': '0::/system.slice/docker-0123456789abcdef.scope\n' }],
    ['podman', { 'proc/self/cgroup': '0::/machine.slice/libpod-0123.scope\n' }],
    ['lxc', { 'proc/self/cgroup': '0::/lxc.payload.ci/init.scope\n' }],
    ['container', { 'proc/self/cgroup': '0::/kubepods.slice/kubepods-besteffort.slice/x\n' }],
    ['container', { 'run/secrets/kubernetes.io/token': '' }],
  ])('is a container: %s of %j', (kind, files) => {
    // Whatever the container's own machine is.
    putAll({ ...QEMU, ...files });
    expect(findVirtualization(root)).toBe(kind);
  });

  test.each([
    ['qemu', {}],
    ['kvm', { [CLOCKS]: 'kvm-clock tsc acpi_pm\n' }],
    ['qemu', { 'proc/self/cgroup': '0::/system.slice/docker.service\n' }],
    ['vmware', dmi('VMware, Inc.', 'VMware Virtual Platform')],
    ['virtualbox', dmi('innotek GmbH', 'VirtualBox')],
    ['hyperv', dmi('Microsoft Corporation', 'Virtual Machine')],
    ['none', dmi('Microsoft Corporation', 'Surface Laptop')],
    ['xen', { ...dmi('Xen', 'HVM domU'), 'sys/hypervisor/type': 'xen\n' }],
    ['xen', { ...dmi('', ''), 'sys/hypervisor/type': 'xen\n' }],
    [
      'none',
      { ...dmi('Dell', 'R640'), 'sys/hypervisor/type': 'xen\n', 'proc/xen/capabilities': 'control_d' },
    ],
    ['amazon', dmi('Amazon EC2', 'm5.large')],
    ['none', dmi('Amazon EC2', 'm5.metal')],
    ['kvm', { ...dmi('Google', 'Google Compute Engine'), [CLOCKS]: 'kvm-clock tsc\n' }],
    ['qemu', dmi('OpenStack Foundation', 'OpenStack Nova')],
    ['none', { ...dmi('Dell Inc.', 'PowerEdge R640'), 'proc/cpuinfo': 'flags\t: fpu vme\n' }],
  ])('is a machine: %s of %j', (kind, files) => {
    putAll({ ...QEMU, ...files });
    expect(findVirtualization(root)).toBe(kind);
  });

  test('is some machine where only the processor tells of something below it, and nobody knows where nothing does', () => {
    expect(findVirtualization(root)).toBeNull();
    put('proc/cpuinfo', 'processor\t: 0\nflags\t\t: fpu vme hypervisor lahf_lm\n');
    expect(findVirtualization(root)).toBe('vm');
    put('proc/cpuinfo', 'processor\t: 0\nflags\t\t: fpu vme lahf_lm\n');
    expect(findVirtualization(root)).toBe('none');
  });
});

describe('the release of its system', () => {
  test('quoted in any way, or not', () => {
    put('etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n');
    expect(readOsRelease(root)).toEqual({
      name: 'Debian GNU/Linux 12 (bookworm)',
      id: 'debian',
      version: '12',
    });
    put('etc/os-release', "ID='opensuse-leap'\nVERSION_ID='15.6'\n");
    expect(readOsRelease(root)).toEqual({ name: null, id: 'opensuse-leap', version: '15.6' });
  });

  test('from where the vendor put it, when nobody has put another one into /etc', () => {
    put('usr/lib/os-release', 'ID=alpine\nVERSION_ID=3.20.1\n');
    expect(readOsRelease(root)).toMatchObject({ id: 'alpine', version: '3.20.1' });
  });

  test('is unknown where there is none, or what stands there is no word', () => {
    const nothing = { name: null, id: null, version: null };
    expect(readOsRelease(root)).toEqual(nothing);
    put('etc/os-release', `ID=$(reboot)\nVERSION_ID="1 2"\nX_ID=debian\n`);
    expect(readOsRelease(root)).toEqual(nothing);
  });
});

function dmi(vendor: string, product: string): Record<string, string> {
  return { 'sys/class/dmi/id/sys_vendor': `${vendor}\n`, 'sys/class/dmi/id/product_name': `${product}\n` };
}

function putAll(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) put(path, text);
}

function put(path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
