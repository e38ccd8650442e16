import { expect, test } from 'vitest';
import { checkImageSources } from './needs-image.ts';

test('a template that names neither an image nor a stream is told at its place', () => {
  const value = {
    clouds: { vms: { kind: 'qemu', templates: { a: { image: '/x' }, b: { stream: 's' }, c: {} } } },
  };
  const reports: unknown[][] = [];
  checkImageSources({ value }, ['clouds', 'vms'], (...report) => void reports.push(report));
  expect(reports).toEqual([
    [['clouds', 'vms', 'templates', 'c'], expect.stringContaining('made from nothing'), expect.anything()],
  ]);
});

test('clouds without templates have nothing to tell', () => {
  const reports: unknown[][] = [];
  for (const value of [{ clouds: { vms: { kind: 'qemu' } } }, null])
    checkImageSources({ value }, ['clouds', 'vms'], (...report) => void reports.push(report));
  expect(reports).toEqual([]);
});
