import { describe, expect, test } from 'vitest';
import { NODE_STATES, type Node } from '#controller/store';
import { createFleet } from './fleet.ts';
import { countOccupancy } from './occupancy.ts';
import type { OpenCloud, Quota, Reserve, Size, Template } from './open-cloud.ts';
import { subjectOf } from './template-id.ts';

const GIB = 2 ** 30;
const NO_QUOTA: Quota = { nodes: null, cpus: null, memoryBytes: null };
const STATES = NODE_STATES.filter((state) => state !== 'deleted');

describe('quotas', () => {
  test.each(STATES)('a node that is %s counts: it is not yet gone (L11)', (state) => {
    const cloud = cloudOf({ nodes: 1 });
    expect(refuse(cloud, [node({ state })])).toEqual({
      code: 'quota',
      reason: `cloud rax is at its quota: 1 of 1 nodes${state === 'held' ? '; 1 node is held for people' : ''}`,
      until: null,
    });
  });

  test('say how many of the nodes are held', () => {
    const nodes = [node({ state: 'held' }), node({ state: 'held' }), node({})];
    expect(refuse(cloudOf({ nodes: 3 }), nodes)?.reason).toBe(
      'cloud rax is at its quota: 3 of 3 nodes; 2 nodes are held for people',
    );
  });

  test('what was added a moment ago counts (L11)', () => {
    const cloud = cloudOf({ nodes: 2 });
    const [template] = cloud.templates;
    const occupancy = countOccupancy([node({})], createFleet([cloud]));
    expect(occupancy.refusal(cloud, template, null)).toBeNull();
    occupancy.add(template, null);
    expect(occupancy.refusal(cloud, template, null)?.reason).toBe('cloud rax is at its quota: 2 of 2 nodes');
    expect(occupancy.ofCloud('rax')).toEqual({ nodes: 2, cpus: 4, memoryBytes: 8 * GIB, held: 0 });
  });

  test('of CPUs, in parts of one', () => {
    const size = { cpus: 0.1, memoryBytes: 0 };
    expect(refuse(cloudOf({ cpus: 0.3 }, { size }), [node({}), node({})])).toBeNull();
    expect(refuse(cloudOf({ cpus: 0.3 }, { size }), [node({}), node({}), node({})])?.reason).toBe(
      'cloud rax is at its quota: 0.3 of 0.3 CPUs, and a node needs 0.1',
    );
  });

  test('of memory', () => {
    expect(refuse(cloudOf({ memoryBytes: 8 * GIB }), [node({})])).toBeNull();
    expect(refuse(cloudOf({ memoryBytes: 10 * GIB }), [node({}), node({})])?.reason).toBe(
      'cloud rax is at its quota: 8 GiB of 10 GiB of memory, and a node needs 4 GiB',
    );
  });

  test("of a template, though its cloud has room; nodes of other templates don't count", () => {
    const cloud = cloudOf({ nodes: 9 }, { quota: { ...NO_QUOTA, nodes: 1 } });
    expect(refuse(cloud, [node({ template: 'other' })])).toBeNull();
    expect(refuse(cloud, [node({})])?.reason).toBe('template rax/small is at its quota: 1 of 1 nodes');
  });

  test('nodes of other clouds do not count', () => {
    expect(refuse(cloudOf({ nodes: 1 }), [node({ cloud: 'other' })])).toBeNull();
  });

  test('nodes of a template that is not configured any more count with their last known size', () => {
    const before = cloudOf({ cpus: 4 });
    const after = { ...before, templates: before.templates.map((one) => ({ ...one, name: 'new' })) };
    const fleet = createFleet([before]);
    fleet.replace([after]);
    const occupancy = countOccupancy([node({}), node({})], fleet);
    expect(occupancy.ofTemplate({ cloud: 'rax', name: 'small' })).toMatchObject({ nodes: 2, cpus: 4 });
    expect(occupancy.refusal(after, { ...before.templates[0], name: 'new' }, null)?.code).toBe('quota');
  });
});

describe('the reserve', () => {
  const cloud = cloudOf({ nodes: 3 }, {}, { nodes: 1, priority: 75 });

  test.each([
    ['a job of less priority', { priority: 74 }],
    ['a pool', null],
  ])('is not for %s', (_, request) => {
    expect(refuse(cloud, [node({})], request)).toBeNull();
    expect(refuse(cloud, [node({}), node({})], request)).toEqual({
      code: 'reserve',
      reason: 'the last node of 3 in cloud rax is for jobs of priority 75 and above',
      until: null,
    });
  });

  test('is for jobs of its priority, up to the quota', () => {
    expect(refuse(cloud, [node({}), node({})], { priority: 75 })).toBeNull();
    expect(refuse(cloud, [node({}), node({}), node({})], { priority: 75 })?.code).toBe('quota');
  });
});

test('on the way is what is not ready yet, and not what is only looked at again', () => {
  const nodes = [
    ...STATES.map((state) => node({ state })),
    node({ state: 'checking', ready_at: 1 }),
    node({ template: 'other', state: 'launching' }),
  ];
  const occupancy = countOccupancy(nodes, createFleet([cloudOf({})]));
  expect(occupancy.underWay({ cloud: 'rax', name: 'small' })).toEqual({ nodes: 4, asked: 2 });
});

test('a node for one version of an image is on the way to those who ask for that, and asked for as any of its template', () => {
  const pinned = { pinned: 1, version_id: 'v1' };
  const nodes = [node({ state: 'connecting', ...pinned }), node({ state: 'planned', ...pinned })];
  const occupancy = countOccupancy(nodes, createFleet([cloudOf({})]));
  expect(occupancy.underWay({ cloud: 'rax', name: 'small' })).toEqual({ nodes: 0, asked: 1 });
  const version = subjectOf({ cloud: 'rax', name: 'small' }, 'v1');
  expect(occupancy.underWay(version)).toEqual({ nodes: 2, asked: 1 });
  expect(occupancy.ofTemplate({ cloud: 'rax', name: 'small' }).nodes).toBe(2);
});

interface OneTemplate extends OpenCloud {
  templates: [Template];
}

function refuse(cloud: OneTemplate, nodes: Node[], request: { priority: number } | null = { priority: 50 }) {
  return countOccupancy(nodes, createFleet([cloud])).refusal(cloud, cloud.templates[0], request);
}

function cloudOf(
  quota: Partial<Quota>,
  parts: { quota?: Quota; size?: Size } = {},
  reserve: Reserve | null = null,
): OneTemplate {
  const template: Template = {
    cloud: 'rax',
    name: 'small',
    labels: new Set(['linux']),
    stream: null,
    digest: '',
    learned: null,
    factsAsLabels: [],
    settings: {},
    quota: NO_QUOTA,
    size: { cpus: 2, memoryBytes: 4 * GIB },
    weight: 100,
    cost: 0,
    pool: { minReady: 0, schedule: [], learning: null, maxReadyAgeMs: null },
    checks: null,
    ...parts,
  };
  return {
    name: 'rax',
    kind: 'test',
    cloud: undefined as never,
    quota: { ...NO_QUOTA, ...quota },
    launchMs: null,
    launchRate: null,
    reserve,
    templates: [template],
  };
}

function node(parts: Partial<Node>): Node {
  return { cloud: 'rax', template: 'small', state: 'ready', ready_at: null, ...parts } as Node;
}
