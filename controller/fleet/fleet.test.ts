import { expect, test } from 'vitest';
import { createLabelMatcher } from '#controller/matching';
import { createFleet } from './fleet.ts';
import type { OpenCloud, Template } from './open-cloud.ts';
import { serves } from './serves.ts';

const NO_QUOTA = { nodes: null, cpus: null, memoryBytes: null };
const LESSON = { cloud: 'rax', template: 'small', digest: 'd1', labels: ['debian', 'debian-12'] };

const matcher = createLabelMatcher();

test('a template serves for certain what its nodes told, while it is as it was then', () => {
  const fleet = createFleet([cloudOf({})]);
  const verdict = (runsOn: string) => fleet.templates().map((template) => serves(template, runsOn, matcher));
  expect(verdict('linux')).toEqual(['yes']);
  expect(verdict('debian-12 && linux')).toEqual(['maybe']);
  fleet.learn(LESSON);
  expect(verdict('debian-12 && linux')).toEqual(['yes']);
  expect(verdict('fedora')).toEqual(['no']);
  expect(fleet.template('rax', 'small')?.labels).toEqual(new Set(['linux', 'debian', 'debian-12']));
  // The same, by a reload of something else; then another image.
  fleet.replace([cloudOf({})]);
  expect(verdict('debian-12')).toEqual(['yes']);
  fleet.replace([cloudOf({ digest: 'd2' })]);
  expect(verdict('debian-12')).toEqual(['maybe']);
  fleet.learn({ ...LESSON, digest: 'd2', labels: ['debian', 'debian-13'] });
  expect([verdict('debian-12'), verdict('debian-13')]).toEqual([['no'], ['yes']]);
});

test('what was put into a fleet from another one forgets what that had learned', () => {
  const fleet = createFleet([cloudOf({})]);
  fleet.learn(LESSON);
  fleet.replace(fleet.clouds());
  fleet.learn({ ...LESSON, labels: ['fedora'] });
  expect(fleet.template('rax', 'small')?.labels).toEqual(new Set(['linux', 'fedora']));
});

test('a template whose facts are no labels learns nothing', () => {
  const fleet = createFleet([cloudOf({ factsAsLabels: [] })]);
  fleet.learn(LESSON);
  expect(fleet.template('rax', 'small')?.labels).toEqual(new Set(['linux']));
});

function cloudOf(parts: Partial<Template>): OpenCloud {
  const template: Template = {
    cloud: 'rax',
    name: 'small',
    labels: new Set(['linux']),
    learned: null,
    stream: null,
    digest: 'd1',
    factsAsLabels: ['os'],
    settings: {},
    quota: NO_QUOTA,
    size: { cpus: 0, memoryBytes: 0 },
    weight: 100,
    cost: 0,
    pool: { minReady: 0, schedule: [], learning: null, maxReadyAgeMs: null },
    checks: null,
    ...parts,
  };
  const limits = { quota: NO_QUOTA, launchMs: null, launchRate: null, reserve: null };
  return { name: 'rax', kind: 'test', cloud: undefined as never, ...limits, templates: [template] };
}
