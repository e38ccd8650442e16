import { describe, expect, test } from 'vitest';
import type { Facts } from '#shared/protocol';
import { factLabels, mayBeFactLabel, LABEL_FACTS, type LabelFact } from './fact-labels.ts';

const GIB = 1024 ** 3;

const FACTS: Facts = {
  os: 'Debian GNU/Linux 12 (bookworm)',
  architecture: 'x64',
  kernel: '6.1',
  hostname: 'h',
  cpus: 4,
  memoryBytes: 7.9 * GIB,
  diskFreeBytes: 1,
  diskBytes: 20 * GIB,
  osId: 'debian',
  osVersion: '12',
  virtualization: 'kvm',
  bootId: null,
};

describe('labels of a node', () => {
  test.each<[LabelFact, Partial<Facts>, string[]]>([
    ['os', {}, ['debian', 'debian-12']],
    ['os', { osVersion: null }, ['debian']],
    ['os', { osId: null }, []],
    ['arch', {}, ['x64']],
    ['cpus', {}, ['cpus-4']],
    ['memory', {}, ['memory-7g']],
    ['memory', { memoryBytes: GIB / 2 }, []],
    ['disk', {}, ['disk-20g']],
    ['disk', { diskBytes: 0 }, []],
    ['virtualization', {}, ['kvm']],
    ['virtualization', { virtualization: 'none' }, ['bare-metal']],
    ['virtualization', { virtualization: null }, []],
  ])('by its %s %j', (fact, parts, labels) => {
    expect(factLabels({ ...FACTS, ...parts }, [fact])).toEqual(labels);
    // What nobody could ask for before it is known would never be.
    for (const label of labels) expect(mayBeFactLabel(label, [fact])).toBe(true);
  });

  test('are only those of the facts that were asked for', () => {
    expect(factLabels(FACTS, [])).toEqual([]);
    expect(factLabels(FACTS, ['arch', 'os'])).toEqual(['x64', 'debian', 'debian-12']);
  });

  test('can be no word that no fact ever is', () => {
    const measured = LABEL_FACTS.filter((fact) => fact !== 'os');
    for (const label of ['debian', 'cpus', 'memory-8', 'x86', 'big'])
      expect(mayBeFactLabel(label, measured)).toBe(false);
    for (const label of ['has space', 'Debian', '']) expect(mayBeFactLabel(label, LABEL_FACTS)).toBe(false);
  });
});
