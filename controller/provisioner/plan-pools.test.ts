import { describe, expect, test } from 'vitest';
import type { OpenCloud, Quota } from '#controller/fleet';
import { createBreakers } from './breaker.ts';
import type { OpenRequest } from './open-request.ts';
import { plan } from './plan.ts';
import {
  NOW,
  cloudOf,
  nodeOf,
  poolOf,
  requestOf,
  requested,
  retired,
  situationOf,
  templateOf,
} from './test-support.ts';

describe('nodes kept ready', () => {
  test('as many as the template says, beyond those that jobs get', () => {
    const nodes = [nodeOf('n', 'ready')];
    const { launches } = plan(situationOf({ requests: [requestOf('a')], nodes, clouds: pooled(2) }));
    expect(launches.map(({ request }) => request)).toEqual([null, null]);
  });

  test('a pool asks by a request as a job does, and asks again by the same one when its node has failed', () => {
    const planned = plan(situationOf({ requests: [wish('w')], clouds: pooled(1) }));
    expect(requested(planned)).toEqual(['w']);
  });

  test('its request is met by its node, and withdrawn when the pool is large enough', () => {
    const nodes = [nodeOf('n', 'ready', { request_id: 'w' })];
    const planned = plan(situationOf({ requests: [wish('w'), wish('x')], nodes, clouds: pooled(1) }));
    expect(planned.fulfilled.map(({ id }) => id)).toEqual(['w']);
    expect(planned.withdrawn.map(({ id }) => id)).toEqual(['x']);
  });

  test('a request of a pool hears why it gets no node, with its only candidate', () => {
    const breakers = createBreakers();
    for (let count = 0; count < 3; count += 1)
      breakers.failed({ cloud: 'one', name: 'host' }, 'no answer', NOW);
    const planned = plan(situationOf({ requests: [wish('w')], clouds: pooled(1), breakers }));
    expect(planned.declines).toMatchObject([{ request: { id: 'w' }, decline: { code: 'breaker' } }]);
  });

  test('what nobody wants is retired, but not while its launch is under way (L2)', () => {
    const nodes = [nodeOf('r', 'ready'), nodeOf('c', 'connecting'), nodeOf('l', 'launching')];
    expect(retired(plan(situationOf({ nodes })))).toEqual(['r', 'c']);
  });

  describe('gives way to jobs that wait for its place (I8)', () => {
    const arm = templateOf({ name: 'arm', labels: new Set(['arm']) });
    const crowdedWith = (nodes: number) => [
      cloudOf('one', [templateOf({ pool: poolOf({ minReady: 3 }) }), arm], {
        quota: { nodes, cpus: null, memoryBytes: null },
      }),
    ];
    const idle = ['a', 'b', 'c'].map((id) => nodeOf(id, 'ready'));
    const requests = [requestOf('x', { runsOn: 'arm' })];
    const host = templateOf({ pool: poolOf({ minReady: 3 }) });

    test('one node for each job, the farthest from a job first', () => {
      const nodes = [nodeOf('d', 'connecting'), ...idle];
      const planned = plan(situationOf({ requests, nodes, clouds: crowdedWith(4) }));
      expect(retired(planned)).toEqual(['d']);
      expect(planned).toMatchObject({ launches: [], retire: [{ reason: 'a job waits for its place' }] });
    });

    test('none while there is room, or while a node is going', () => {
      expect(retired(plan(situationOf({ requests, nodes: idle, clouds: crowdedWith(4) })))).toEqual([]);
      const nodes = [...idle, nodeOf('g', 'deleting')];
      expect(retired(plan(situationOf({ requests, nodes, clouds: crowdedWith(4) })))).toEqual([]);
    });

    test('one that its cloud does not remove makes no room', () => {
      const nodes = [...idle, nodeOf('g', 'deleting', { removal_failures: 3 })];
      expect(retired(plan(situationOf({ requests, nodes, clouds: crowdedWith(4) })))).toEqual(['c']);
    });

    test.each([
      ['the quota of its own template is what it lacks', nodesOnly(0), 10],
      ['it would not fit into an empty cloud either', nodesOnly(9), 0],
    ])('none where %s', (_, quota, inCloud) => {
      const clouds = [cloudOf('one', [host, { ...arm, quota }], { quota: nodesOnly(inCloud) })];
      expect(retired(plan(situationOf({ requests, nodes: idle, clouds })))).toEqual([]);
    });

    test('and takes no more of it meanwhile, though a small node of its own would still fit', () => {
      const [small, large] = [1, 2].map((cpus) => ({ size: { cpus, memoryBytes: 0 } }));
      const clouds = [
        cloudOf('one', [templateOf({ ...small, pool: poolOf({ minReady: 3 }) }), { ...arm, ...large }], {
          quota: { nodes: null, cpus: 4, memoryBytes: null },
        }),
      ];
      const planned = plan(situationOf({ requests, nodes: idle, clouds }));
      expect({ retired: retired(planned), launches: planned.launches }).toEqual({
        retired: ['c'],
        launches: [],
      });
    });

    test('none for a job that has another reason to wait', () => {
      const breakers = createBreakers();
      for (let count = 0; count < 3; count += 1)
        breakers.failed({ cloud: 'one', name: 'arm' }, 'broken', NOW);
      const planned = plan(situationOf({ requests, nodes: idle, clouds: crowdedWith(3), breakers }));
      expect(retired(planned)).toEqual([]);
    });
  });

  test('a node of a template that is gone is retired', () => {
    expect(retired(plan(situationOf({ nodes: [nodeOf('n', 'ready', { template: 'gone' })] })))).toEqual([
      'n',
    ]);
  });

  test('a node that somebody cordoned serves nobody and stays', () => {
    const nodes = [nodeOf('n', 'ready', { cordoned: 'look at it' })];
    const planned = plan(situationOf({ requests: [requestOf('a')], nodes }));
    expect(retired(planned)).toEqual([]);
    expect(requested(planned)).toEqual(['a']);
  });
});

function pooled(minReady: number): OpenCloud[] {
  return [cloudOf('one', [templateOf({ pool: poolOf({ minReady }) })])];
}

/** A pool's request. */
function wish(id: string): OpenRequest {
  return requestOf(id, { jobId: null, pool: { cloud: 'one', template: 'host' }, runsOn: '' });
}

function nodesOnly(nodes: number): Quota {
  return { nodes, cpus: null, memoryBytes: null };
}
