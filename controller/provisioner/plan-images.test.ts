import { describe, expect, test } from 'vitest';
import { subjectOf } from '#controller/fleet';
import type { Node, NodeState } from '#controller/store';
import { createBreakers, type Breakers } from './breaker.ts';
import { explainRequest } from './explanation.ts';
import { plan } from './plan.ts';
import {
  NOW,
  asked,
  cloudOf,
  decline,
  nodeOf,
  poolOf,
  requestOf,
  requested,
  retired,
  situationOf,
  templateOf,
} from './test-support.ts';

const HOST = { cloud: 'one', name: 'host' };
const QUOTA = { nodes: 1, cpus: null, memoryBytes: null };

describe('a template whose nodes are made from a stream', () => {
  const clouds = [cloudOf('one', [templateOf({ stream: 'ubuntu' })])];
  const current = new Map([['one/ubuntu', 'v1']]);
  const requests = [requestOf('a')];

  test('waits for the first version, and says so', () => {
    const { launches, declines } = plan(situationOf({ clouds, requests }));
    expect(launches).toEqual([]);
    expect(declines).toMatchObject([
      { decline: { code: 'image', reason: 'stream ubuntu has no version in cloud one yet', final: false } },
    ]);
    expect(explainRequest('job-a', situationOf({ clouds, requests }))?.candidates).toMatchObject([
      { verdict: 'declined', code: 'image', until: null },
    ]);
  });

  test('launches nodes for everybody when there is one', () => {
    const { launches } = plan(situationOf({ clouds, requests, currentVersions: current }));
    expect(launches).toMatchObject([{ request: { id: 'a' }, pin: null }]);
  });

  test('takes no room from others as long as there is none', () => {
    const other = templateOf({ name: 'other', labels: new Set(['other']), pool: poolOf({ minReady: 1 }) });
    const crowded = [cloudOf('one', [templateOf({ stream: 'ubuntu' }), other], { quota: QUOTA })];
    const nodes = [nodeOf('idle', 'ready', { template: 'other', labels: ['other'] })];
    expect(plan(situationOf({ clouds: crowded, requests, nodes })).retire).toEqual([]);
  });

  test('can serve a job that asks for a version of its own, which is not promoted', () => {
    const images = { 'one/host': 'v1' };
    const { launches } = plan(situationOf({ clouds, requests: [requestOf('a', { images })] }));
    expect(launches).toMatchObject([{ pin: 'v1' }]);
  });

  test('has its idle nodes replaced when another version is promoted, a job still gets them until then', () => {
    const pooled = [cloudOf('one', [templateOf({ stream: 'ubuntu', pool: poolOf({ minReady: 1 }) })])];
    const old = nodeOf('old', 'ready', { version_id: 'v0' });
    const first = plan(situationOf({ clouds: pooled, nodes: [old], currentVersions: current }));
    expect(first).toMatchObject({ launches: [{ request: null }], retire: [] });
    const nodes = [old, nodeOf('new', 'ready', { version_id: 'v1' })];
    const { launches, retire } = plan(situationOf({ clouds: pooled, nodes, currentVersions: current }));
    expect(launches).toEqual([]);
    expect(retire).toMatchObject([{ node: { id: 'old' }, reason: 'another version of ubuntu was promoted' }]);
    expect(plan(situationOf({ clouds, requests, nodes: [old], currentVersions: current })).launches).toEqual(
      [],
    );
  });
});

describe('a request that says what its node is made from', () => {
  const clouds = [cloudOf('one', [templateOf({ weight: 200 })]), cloudOf('two', [templateOf()])];

  test('has these candidates alone, in the usual order', () => {
    const both = { 'two/host': 'v2', 'one/host': 'v1' };
    const { launches } = plan(situationOf({ clouds, requests: [requestOf('a', { images: both })] }));
    expect(launches).toMatchObject([{ template: { cloud: 'one' }, pin: 'v1' }]);
    const two = requestOf('a', { images: { 'two/host': 'v2' } });
    expect(plan(situationOf({ clouds, requests: [two] })).launches).toMatchObject([
      { template: { cloud: 'two' }, pin: 'v2' },
    ]);
  });

  test('gets what the template says itself where it names no version', () => {
    const request = requestOf('a', { images: { 'two/host': null } });
    expect(plan(situationOf({ clouds, requests: [request] })).launches).toMatchObject([
      { template: { cloud: 'two' }, pin: null },
    ]);
  });

  test('fails where none of them is configured any more, and says so', () => {
    const request = requestOf('a', { images: { 'three/host': 'v3' } });
    expect(plan(situationOf({ clouds, requests: [request] })).failures).toMatchObject([
      { reason: 'it starts from an image for three/host, and none such is configured that is `linux`' },
    ]);
  });

  test('fails when the image is gone, and says so', () => {
    const declines = [
      decline({ code: 'image', reason: 'image ubuntu-1.one is failed: no room', final: true }),
    ];
    const request = requestOf('a', { images: { 'one/host': 'v1' }, declines });
    expect(plan(situationOf({ clouds, requests: [request] })).failures).toMatchObject([
      { reason: 'no cloud could give a node: one/host: image ubuntu-1.one is failed: no room' },
    ]);
  });

  test.each(['ready', 'launching'] as const)('takes a %s node that was made for another one', (state) => {
    const planned = planFor('v1', [pinned('n', state, 'v1')]);
    expect({ asked: asked(planned), retired: retired(planned) }).toEqual({ asked: [], retired: [] });
  });

  test.each<[string, Node]>([
    ['is for everybody', nodeOf('n', 'ready')],
    ['was made for another version', pinned('n', 'ready', 'v2')],
    ['is on its way with another version', pinned('n', 'connecting', 'v2')],
    ['is another template', pinned('n', 'ready', 'v1', { template: 'other' })],
  ])('takes no node that %s', (_, node) => {
    expect(planFor('v1', [node]).launches).toMatchObject([{ pin: 'v1' }]);
  });

  test('leaves others no node of its own', () => {
    const nodes = [pinned('n', 'ready', 'v1')];
    expect(requested(plan(situationOf({ requests: [requestOf('b')], nodes })))).toEqual(['b']);
  });
});

describe('a node that was made for one version of an image', () => {
  test.each(['ready', 'connecting'] as const)('goes when no job asks for it any more (%s)', (state) => {
    const { retire } = plan(situationOf({ nodes: [pinned('n', state, 'v1')] }));
    expect(retire).toMatchObject([{ node: { id: 'n' }, reason: 'no job asks for its image any more' }]);
  });

  test('goes when the job that it was hedged for has another one', () => {
    const nodes = [pinned('n', 'ready', 'v1'), pinned('m', 'ready', 'v1')];
    expect(retired(planFor('v1', nodes))).toEqual(['m']);
  });

  test('is left alone while its cloud is being asked for it', () => {
    expect(retired(plan(situationOf({ nodes: [pinned('n', 'launching', 'v1')] })))).toEqual([]);
  });

  test('stays for a job that only its project keeps from it', () => {
    const project = { id: 'p', name: 'p', share: 1, maxNodes: 1 };
    const request = requestOf('a', { images: { 'one/host': 'v1' }, project });
    const nodes = [pinned('n', 'ready', 'v1', { request_id: null })];
    const usage = new Map([['p', 1]]);
    const planned = plan(situationOf({ requests: [request], nodes, usage }));
    expect(planned).toMatchObject({ launches: [], retire: [] });
  });

  test('is no idle node of its pool, and keeps none from it', () => {
    const pooled = [cloudOf('one', [templateOf({ pool: poolOf({ minReady: 1 }) })])];
    const planned = plan(situationOf({ clouds: pooled, nodes: [pinned('n', 'ready', 'v1')] }));
    expect(planned.launches).toMatchObject([{ request: null, pin: null }]);
    expect(retired(planned)).toEqual(['n']);
  });

  test('is the first to go for a job that waits for its room', () => {
    const pooled = [
      cloudOf('one', [templateOf({ pool: poolOf({ minReady: 1 }) })], { quota: { ...QUOTA, nodes: 2 } }),
    ];
    const nodes = [pinned('n', 'ready', 'v1'), nodeOf('idle', 'ready')];
    const request = requestOf('a', { images: { 'one/host': 'v2' } });
    const { retire } = plan(situationOf({ clouds: pooled, requests: [request], nodes }));
    expect(retire).toMatchObject([{ node: { id: 'n' } }]);
  });
});

describe('a version that does not come up', () => {
  test('is tried less and less often, and keeps nobody else from the template', () => {
    const breakers = failed('v1');
    expect(planFor('v1', [], breakers)).toMatchObject({
      launches: [],
      declines: [{ decline: { code: 'breaker' } }],
      due: NOW + 1_000,
    });
    const request = requestOf('a', { images: { 'one/host': 'v1' } });
    expect(explainRequest('job-a', situationOf({ requests: [request], breakers }))?.candidates).toMatchObject(
      [{ pin: 'v1', code: 'breaker', until: NOW + 1_000 }],
    );
    expect(planFor('v2', [], breakers).launches).toHaveLength(1);
    expect(plan(situationOf({ requests: [requestOf('b')], breakers })).launches).toHaveLength(1);
  });

  test('has one node at a time as its probe', () => {
    const breakers = failed('v1');
    const requests = ['a', 'b'].map((id) => requestOf(id, { images: { 'one/host': 'v1' } }));
    const later = { requests, breakers, now: NOW + 1_000 };
    expect(requested(plan(situationOf(later)))).toEqual(['a']);
  });
});

describe('a template whose breaker is open', () => {
  const breakers = createBreakers();
  for (let count = 0; count < 3; count += 1) breakers.failed(HOST, 'no answer', NOW);

  test('gives nobody a node', () => {
    expect(planFor('v1', [], breakers).declines).toMatchObject([{ decline: { code: 'breaker' } }]);
  });

  test('gives one for a version when its pause is over, while its own probe is on its way', () => {
    const nodes = [nodeOf('probe', 'connecting', { request_id: 'b' })];
    const requests = [requestOf('a', { images: { 'one/host': 'v1' } }), requestOf('b'), requestOf('c')];
    const { launches } = plan(situationOf({ requests, nodes, breakers, now: NOW + 1_000 }));
    expect(launches).toMatchObject([{ request: { id: 'a' }, pin: 'v1' }]);
  });

  test('is probed with a node for everybody, whoever else has some on their way', () => {
    const nodes = [pinned('n', 'connecting', 'v1', { request_id: 'a' })];
    const requests = [requestOf('a', { images: { 'one/host': 'v1' } }), requestOf('b'), requestOf('c')];
    const { launches } = plan(situationOf({ requests, nodes, breakers, now: NOW + 1_000 }));
    expect(launches).toMatchObject([{ request: { id: 'b' }, pin: null }]);
  });
});

function planFor(version: string, nodes: Node[], breakers: Breakers = createBreakers()) {
  const request = requestOf('a', { images: { 'one/host': version } });
  return plan(situationOf({ requests: [request], nodes, breakers }));
}

function pinned(id: string, state: NodeState, version: string, parts: Partial<Node> = {}): Node {
  return nodeOf(id, state, { pinned: 1, version_id: version, ...parts });
}

function failed(version: string): Breakers {
  const breakers = createBreakers();
  for (let count = 0; count < 3; count += 1)
    breakers.failed(subjectOf(HOST, version), 'its agent did not dial in', NOW);
  return breakers;
}
