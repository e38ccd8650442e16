import { expect, test } from 'vitest';
import { qemuArguments, type MachineSpec } from './command-line.ts';
import { machineFolder } from './machine-folder.ts';
import { nameOf, tagIn } from './tag.ts';

const tag = { controller: 'c-1', cloud: 'local, fast: 1', node: 'n-1' };
const spec: MachineSpec = {
  tag,
  folder: machineFolder('/a,b'),
  accelerator: 'tcg',
  cpus: 3,
  memoryBytes: 2 ** 30 + 1,
  network: { mode: 'user', port: 2222, restrict: true },
  mac: '52:54:00:00:00:01',
};

test('whose machine it is stands in its command line, and can be read from there', () => {
  expect(nameOf(tag)).not.toContain(',');
  expect(tagIn(['qemu', ...qemuArguments(spec)])).toEqual(tag);
  expect(tagIn(['qemu', '-name', 'footman:c-1'])).toBeUndefined();
  expect(tagIn(['sh', '-c', 'footman:a:b:c'])).toBeUndefined();
  expect(tagIn([])).toBeUndefined();
});

test('a machine has its processors, and its memory in whole MiB', () => {
  expect(valueOf('-smp')).toBe('cpus=3');
  expect(valueOf('-m')).toBe('1025M');
});

test('a restricted machine is led to by one port, and to nothing', () => {
  expect(valueOf('-netdev')).toContain('restrict=on,hostfwd=tcp:127.0.0.1:2222-:22');
  const open = { ...spec, network: { mode: 'user', port: 2222, restrict: false } } as const;
  expect(valueOf('-netdev', open)).toContain('restrict=off');
});

test('a machine on a bridge runs no script', () => {
  const bridged = { ...spec, network: { mode: 'tap', device: 'fm-1' } } as const;
  expect(valueOf('-netdev', bridged)).toBe('tap,id=net,ifname=fm-1,script=no,downscript=no');
});

test('a path with a comma stays one path, and all but the disk is only read', () => {
  const drives = valuesOf('-blockdev').map((text): unknown => JSON.parse(text));
  expect(drives).toEqual([
    expect.objectContaining({ file: expect.objectContaining({ filename: '/a,b/overlay.qcow2' }) }),
    expect.objectContaining({ 'read-only': true }),
    expect.objectContaining({ 'read-only': true }),
  ]);
});

test('an emulated processor has a bounded cache, and KVM is that of the machine', () => {
  expect(valueOf('-accel')).toContain('tb-size=128');
  expect(valueOf('-cpu', { ...spec, accelerator: 'kvm' })).toBe('host');
});

function valueOf(option: string, of = spec): string | undefined {
  return valuesOf(option, of)[0];
}

function valuesOf(option: string, of: MachineSpec = spec): string[] {
  const words = qemuArguments(of);
  return words.filter((_, index) => words[index - 1] === option);
}
