import { describe, expect, test } from 'vitest';
import { createFleet, type Template } from '#controller/fleet';
import type { Facts } from '#shared/protocol';
import { explainRequest } from './explanation.ts';
import { plan } from './plan.ts';
import {
  asked,
  cloudOf,
  decline,
  nodeOf,
  requestOf,
  requested,
  situationOf,
  templateOf,
} from './test-support.ts';

/** Its nodes have not told their system yet. */
const UNLEARNED: Partial<Template> = { factsAsLabels: ['os'] };
const clouds = [cloudOf('one', [templateOf(UNLEARNED)])];
const a = requestOf('a', { runsOn: 'debian' });
const b = requestOf('b', { runsOn: 'fedora' });

describe('a template whose labels nobody knows', () => {
  test('is asked for one node, by whoever comes first; the others hear why they wait', () => {
    const planned = plan(situationOf({ requests: [a, b], clouds }));
    expect(requested(planned)).toEqual(['a']);
    expect(planned.failures).toEqual([]);
    expect(planned.declines).toMatchObject([
      { request: { id: 'b' }, decline: { code: 'labels', final: false } },
    ]);
  });

  test('is asked for no second one while that is on its way', () => {
    const nodes = [nodeOf('n', 'connecting', { request_id: 'a' })];
    const situation = situationOf({ requests: [a, b], nodes, clouds });
    expect(plan(situation).launches).toEqual([]);
    expect(explainRequest('job-b', situation)?.candidates).toMatchObject([
      { verdict: 'declined', code: 'labels', reason: expect.stringContaining('on its way') },
    ]);
  });

  test('comes after those that are certain', () => {
    const certain = cloudOf('two', [templateOf({ labels: new Set(['debian']) })]);
    expect(asked(plan(situationOf({ requests: [a], clouds: [...clouds, certain] })))).toEqual(['two']);
  });

  test('serves at once what is configured', () => {
    const requests = [requestOf('c'), requestOf('d')];
    expect(requested(plan(situationOf({ requests, clouds })))).toEqual(['c', 'd']);
  });

  test('is no hope for what it can never be', () => {
    const impossible = requestOf('e', { runsOn: '!linux && debian' });
    expect(plan(situationOf({ requests: [impossible], clouds })).failures).toHaveLength(1);
  });
});

describe('a node that told something else than was asked for', () => {
  const fleet = createFleet(clouds);
  fleet.learn({ cloud: 'one', template: 'host', digest: 'digest', labels: ['ubuntu'] });
  const told = nodeOf('n', 'checking', {
    request_id: 'a',
    labels: ['linux', 'small', 'ubuntu'],
    facts: { osId: 'ubuntu' } as Facts,
  });
  const disappointed = {
    ...a,
    declines: [decline({ code: 'labels', final: true, reason: 'it told ubuntu' })],
  };

  test('serves the job that it fits, and goes where there is none', () => {
    const other = requestOf('c', { runsOn: 'ubuntu' });
    const planned = plan(situationOf({ requests: [disappointed, other], nodes: [told], fleet }));
    expect({ launches: planned.launches, retire: planned.retire }).toEqual({ launches: [], retire: [] });
    const alone = plan(situationOf({ requests: [disappointed], nodes: [told], fleet }));
    expect(alone.retire).toMatchObject([{ node: { id: 'n' } }]);
  });

  test('ends the wait of a job that nobody else can serve (L11)', () => {
    const { launches, failures } = plan(situationOf({ requests: [disappointed], nodes: [told], fleet }));
    expect(launches).toEqual([]);
    expect(failures).toMatchObject([{ request: { id: 'a' }, reason: expect.stringContaining('`debian`') }]);
  });

  test('is not asked for again, though its template is said to be the right one by now', () => {
    fleet.learn({ cloud: 'one', template: 'host', digest: 'digest', labels: ['debian'] });
    const { launches, failures } = plan(situationOf({ requests: [disappointed], nodes: [], fleet }));
    expect(launches).toEqual([]);
    expect(failures).toMatchObject([{ reason: expect.stringContaining('it told ubuntu') }]);
  });
});
