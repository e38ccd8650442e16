import { expect, test } from 'vitest';
import { QemuSettings, QemuTemplate } from './schema.ts';

const bridge = { bridge: 'br0', addresses: '10.0.0.10-10.0.0.50/24' };

test('an image is enough', () => {
  expect(QemuSettings.parse({})).toEqual({
    program: 'qemu-system-x86_64',
    accelerator: 'auto',
    'power-off-grace': '10s',
  });
  expect(QemuTemplate.parse({ image: '/images/debian.qcow2' })).toEqual({
    image: '/images/debian.qcow2',
    cpus: 1,
    memory: 2 ** 30,
    user: 'footman',
    sudo: true,
    network: 'user',
    'fast-start': false,
  });
});

test('a template whose image comes from a stream names none', () => {
  expect(QemuTemplate.parse({})).not.toHaveProperty('image');
});

test('a bridge has addresses for machines', () => {
  const { network } = QemuTemplate.parse({ image: '/x', network: { ...bridge, gateway: '10.0.0.1' } });
  expect(network).toMatchObject({ bridge: 'br0', gateway: '10.0.0.1', dns: [] });
});

test.each([
  [{ image: 'debian.qcow2' }, 'write an absolute path'],
  [{ image: '/x', memory: '1MiB' }, 'a machine needs 64MiB at least'],
  [{ image: '/x', cpus: 0.5 }, 'expected int'],
  [{ image: '/x', user: 'Me; rm' }, 'write the name of an account'],
  [{ image: '/x', network: 'host' }, 'write `user`, or a bridge'],
  [{ image: '/x', network: bridge, restrict: true }, 'restrict goes with `network: user`'],
  [{ image: '/x', size: 1 }, 'Unrecognized key'],
])('%j is refused', (template, sentence) => {
  const issues = QemuTemplate.safeParse(template).error?.issues.map(({ message }) => message) ?? [];
  expect(issues.join('\n')).toContain(sentence);
});
