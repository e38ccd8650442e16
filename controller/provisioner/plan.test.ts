import { describe, expect, test } from 'vitest';
import { MAX_DECLINES, type Decline } from '#controller/store';
import { createBreakers } from './breaker.ts';
import { createLaunchHistory } from './launch-history.ts';
import { createLaunchRates } from './launch-rates.ts';
import type { OpenCloud, Template } from './open-cloud.ts';
import { plan, type Plan } from './plan.ts';
import { NOW, cloudOf, nodeOf, poolOf, requestOf, situationOf, templateOf } from './test-support.ts';

describe('what is launched', () => {
  test('one node for each request that has none', () => {
    const planned = plan(situationOf({ requests: [requestOf('a'), requestOf('b')] }));
    expect(requested(planned)).toEqual(['a', 'b']);
  });

  test('nothing for a request whose node is on its way (L10: demand is arithmetic)', () => {
    const nodes = [nodeOf('n', 'launching', { request_id: 'a' })];
    expect(plan(situationOf({ requests: [requestOf('a')], nodes })).launches).toEqual([]);
  });

  test.each(['ready', 'launching'] as const)('nothing for a request that a spare %s node fits', (state) => {
    const nodes = [nodeOf('n', state)];
    const { launches, retire } = plan(situationOf({ requests: [requestOf('a')], nodes }));
    expect({ launches, retire }).toEqual({ launches: [], retire: [] });
  });

  test('a leased node serves nobody else (L1)', () => {
    const nodes = [nodeOf('n', 'leased')];
    expect(plan(situationOf({ requests: [requestOf('a')], nodes })).launches).toHaveLength(1);
  });

  test('the more urgent job gets the last place', () => {
    const clouds = [cloudOf('one', [templateOf()], { quota: { nodes: 1, cpus: null, memoryBytes: null } })];
    const urgent = requestOf('urgent', { rank: NOW - 10 * 3_600_000, priority: 90 });
    expect(requested(plan(situationOf({ requests: [requestOf('usual'), urgent], clouds })))).toEqual([
      'urgent',
    ]);
  });
});

describe('which candidate is asked', () => {
  const one = cloudOf('one', [templateOf()]);
  const two = cloudOf('two', [templateOf()]);

  test.each<[string, OpenCloud[], string]>([
    ['in the order of the configuration', [one, two], 'one'],
    ['the greater weight first', [one, cloudOf('two', [templateOf({ weight: 101 })])], 'two'],
    ['the cheaper of two equals', [cloudOf('one', [templateOf({ cost: 2 })]), two], 'two'],
  ])('%s', (_, clouds, expected) => {
    expect(asked(plan(situationOf({ requests: [requestOf('a')], clouds })))).toEqual([expected]);
  });

  test('the one that succeeds more often, and of those that are alike the quicker one', () => {
    const history = createLaunchHistory();
    const started = { at: NOW, failure: null };
    for (let count = 0; count < 20; count += 1) {
      history.note({ cloud: 'one', name: 'host' }, { ...started, startMs: 30_000 });
      history.note({ cloud: 'two', name: 'host' }, { ...started, startMs: 3_000 });
    }
    const situation = situationOf({ requests: [requestOf('a')], clouds: [one, two], history });
    expect(asked(plan(situation))).toEqual(['two']);
    for (let count = 0; count < 10; count += 1)
      history.note({ cloud: 'two', name: 'host' }, { at: NOW, failure: 'launch', startMs: null });
    expect(asked(plan(situation))).toEqual(['one']);
  });

  test('one that has failed this very request goes last, though its breaker is closed', () => {
    const requests = [requestOf('a', { declines: [decline({ code: 'failed' })] })];
    expect(asked(plan(situationOf({ requests, clouds: [one, two] })))).toEqual(['two']);
  });

  test('one that has refused for good is not asked again', () => {
    const requests = [requestOf('a', { declines: [decline({ code: 'refused', final: true })] })];
    expect(asked(plan(situationOf({ requests, clouds: [one, two] })))).toEqual(['two']);
  });

  test('the next one at once while a breaker is open, and each no is told', () => {
    const breakers = createBreakers();
    for (let count = 0; count < 3; count += 1)
      breakers.failed({ cloud: 'one', name: 'host' }, 'the engine does not answer', NOW);
    const planned = plan(situationOf({ requests: [requestOf('a')], clouds: [one, two], breakers }));
    expect(asked(planned)).toEqual(['two']);
    expect(planned.declines).toMatchObject([{ decline: { cloud: 'one', code: 'breaker', final: false } }]);
  });

  test('none of a cloud or a template that is cordoned', () => {
    const cordon = { target: 'one', reason: 'new disks', actor: 'ada', at: NOW };
    const planned = plan(
      situationOf({ requests: [requestOf('a')], clouds: [one, two], cordons: new Map([['one', cordon]]) }),
    );
    expect(asked(planned)).toEqual(['two']);
    expect(planned.declines[0]?.decline.reason).toBe('one is cordoned by ada: new disks');
  });
});

describe('quotas count everything that is not yet gone (L11)', () => {
  const full = [cloudOf('one', [templateOf()], { quota: { nodes: 1, cpus: null, memoryBytes: null } })];
  const reason = 'cloud one is at its quota: 1 of 1 nodes';

  test.each(['failed', 'deleting', 'held', 'leased'] as const)('a node that is %s', (state) => {
    const nodes = [nodeOf('n', state)];
    const { launches, declines } = plan(situationOf({ requests: [requestOf('a')], clouds: full, nodes }));
    expect(launches).toEqual([]);
    expect(declines).toMatchObject([{ decline: { code: 'quota', reason } }]);
  });

  test('what this very plan launches', () => {
    const clouds = [cloudOf('one', [templateOf()], { quota: { nodes: 2, cpus: null, memoryBytes: null } })];
    const requests = ['a', 'b', 'c'].map((id) => requestOf(id));
    expect(plan(situationOf({ requests, clouds })).launches).toHaveLength(2);
  });

  test('the same reason is not told twice', () => {
    const requests = [requestOf('a', { declines: [decline({ code: 'quota', reason })] })];
    const nodes = [nodeOf('n', 'leased')];
    expect(plan(situationOf({ requests, clouds: full, nodes })).declines).toEqual([]);
  });

  test('nor one more than a request remembers, which would put out another one each time', () => {
    const declines = Array.from({ length: MAX_DECLINES }, (_, index) => decline({ cloud: `other-${index}` }));
    const nodes = [nodeOf('n', 'leased')];
    const requests = [requestOf('a', { declines })];
    expect(plan(situationOf({ requests, clouds: full, nodes })).declines).toEqual([]);
  });

  test('no more launches at once than the rate of the cloud has tokens, and the rest when they come (L11)', () => {
    const clouds = [cloudOf('one', [templateOf()], { launchRate: { perMinute: 6, burst: 2 } })];
    const rates = createLaunchRates();
    const requests = ['a', 'b', 'c'].map((id) => requestOf(id));
    const first = plan(situationOf({ requests, clouds, rates }));
    expect(first.launches).toHaveLength(2);
    expect(first.due).toBe(NOW + 10_000);
    expect(plan(situationOf({ requests, clouds, rates }))).toEqual(first);
    for (const cloud of [...clouds, ...clouds]) rates.take(cloud, NOW);
    const [third] = requests.slice(2);
    const later = situationOf({ requests: third ? [third] : [], clouds, rates, now: NOW + 10_000 });
    expect(plan(later).launches).toHaveLength(1);
  });

  test('a project at its limit waits, and keeps no other from its nodes (I8)', () => {
    const project = { id: 'p', name: 'storage', share: 1, maxNodes: 1 };
    const requests = [requestOf('a', { project, rank: NOW - 1 }), requestOf('b')];
    const planned = plan(situationOf({ requests, usage: new Map([['p', 1]]) }));
    expect(requested(planned)).toEqual(['b']);
    expect(planned.declines).toMatchObject([
      { decline: { code: 'project-quota', reason: 'project storage is at its limit of 1 nodes' } },
    ]);
  });

  test('a spare node is for the first job that may have it, and counts for its project', () => {
    const project = { id: 'p', name: 'storage', share: 1, maxNodes: 1 };
    const requests = [requestOf('a', { project, rank: NOW - 1 }), requestOf('b')];
    const nodes = [nodeOf('n', 'ready')];
    const atLimit = plan(situationOf({ requests, nodes, usage: new Map([['p', 1]]) }));
    expect(atLimit).toMatchObject({ launches: [], declines: [{ request: { id: 'a' } }] });
    const both = requests.map((request) => ({ ...request, project }));
    expect(plan(situationOf({ requests: both, nodes }))).toMatchObject({
      launches: [],
      declines: [{ request: { id: 'b' }, decline: { code: 'project-quota' } }],
    });
  });

  test('the last nodes are for urgent jobs', () => {
    const clouds = [
      cloudOf('one', [templateOf()], {
        quota: { nodes: 2, cpus: null, memoryBytes: null },
        reserve: { nodes: 1, priority: 75 },
      }),
    ];
    const requests = [requestOf('a'), requestOf('b'), requestOf('c', { priority: 80 })];
    expect(requested(plan(situationOf({ requests, clouds })))).toEqual(['a', 'c']);
  });
});

describe('requests that fail', () => {
  test('no template has the label: at once, with the nearest', () => {
    const { failures } = plan(situationOf({ requests: [requestOf('a', { runsOn: 'linix' })] }));
    expect(failures.map(({ reason }) => reason)).toEqual([
      'no template matches `linix`: no template has the label `linix` (did you mean `linux`?)',
    ]);
  });

  test('every candidate declined for good', () => {
    const declines = [decline({ code: 'refused', reason: 'no such image', final: true })];
    const { failures } = plan(situationOf({ requests: [requestOf('a', { declines })] }));
    expect(failures.map(({ reason }) => reason)).toEqual([
      'no cloud could give a node: one/host: no such image',
    ]);
  });

  test('L13: one that can not be met keeps no other from its node (I8)', () => {
    const requests = [requestOf('a', { runsOn: 'mars' }), requestOf('b')];
    expect(requested(plan(situationOf({ requests })))).toEqual(['b']);
  });
});

describe('a launch that is slower than usual', () => {
  const clouds = [cloudOf('one', [templateOf()]), cloudOf('two', [templateOf()])];
  const requests = [requestOf('a')];
  const history = createLaunchHistory();
  for (let count = 0; count < 20; count += 1)
    history.note({ cloud: 'one', name: 'host' }, { at: NOW, failure: null, startMs: 10_000 });
  const slow = nodeOf('n', 'connecting', { request_id: 'a', created_at: NOW - 12_600 });

  test('gets a second one beside it, elsewhere', () => {
    const { launches } = plan(situationOf({ requests, clouds, history, nodes: [slow] }));
    expect(launches).toMatchObject([{ template: { cloud: 'two' }, request: { id: 'a' }, isHedge: true }]);
  });

  test('not before it is slower, but right then', () => {
    const nodes = [{ ...slow, created_at: NOW - 12_000 }];
    const planned = plan(situationOf({ requests, clouds, history, nodes }));
    expect(planned).toMatchObject({ launches: [], due: NOW + 500 });
  });

  test('no third one', () => {
    const nodes = [slow, nodeOf('m', 'launching', { request_id: 'a', cloud: 'two', hedge: 1 })];
    expect(plan(situationOf({ requests, clouds, history, nodes })).launches).toEqual([]);
  });

  test('a node that is looked at again is not one that starts slowly', () => {
    const again = nodeOf('n', 'checking', {
      request_id: 'a',
      created_at: NOW - 60_000,
      ready_at: NOW - 50_000,
    });
    const planned = plan(situationOf({ requests, clouds, history, nodes: [again] }));
    expect(planned).toMatchObject({ launches: [], due: null });
  });

  test('what the loser is good for: the pool, else nothing', () => {
    const loser = nodeOf('m', 'connecting', { request_id: 'a', cloud: 'two', hedge: 1 });
    const pooled = [cloudOf('two', [templateOf({ pool: poolOf({ minReady: 1 }) })])];
    expect(plan(situationOf({ clouds: pooled, nodes: [loser] }))).toMatchObject({ launches: [], retire: [] });
    expect(plan(situationOf({ clouds, nodes: [loser] })).retire).toMatchObject([{ node: { id: 'm' } }]);
  });
});

describe('nodes kept ready', () => {
  const pooled = (minReady: number) => [cloudOf('one', [templateOf({ pool: poolOf({ minReady }) })])];
  const wish = (id: string) =>
    requestOf(id, { jobId: null, pool: { cloud: 'one', template: 'host' }, runsOn: '' });

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
    const nodesOnly = (nodes: number) => ({ nodes, cpus: null, memoryBytes: null });
    const keptReady = (template: Template) =>
      template.name === 'arm' ? template : { ...template, pool: poolOf({ minReady: 3 }) };

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
      const clouds = [cloudOf('one', [templateOf(), { ...arm, quota }], { quota: nodesOnly(inCloud) })];
      const pooled = clouds.map((cloud) => ({ ...cloud, templates: cloud.templates.map(keptReady) }));
      expect(retired(plan(situationOf({ requests, nodes: idle, clouds: pooled })))).toEqual([]);
    });

    test('and takes no more of it meanwhile, though a small node of its own would still fit', () => {
      const size = (cpus: number) => ({ size: { cpus, memoryBytes: 0 } });
      const clouds = [
        cloudOf('one', [templateOf({ ...size(1), pool: poolOf({ minReady: 3 }) }), { ...arm, ...size(2) }], {
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

test('L12: a template is tried again when its breaker lets a probe through, however often it failed', () => {
  const breakers = createBreakers();
  let now = NOW;
  for (let failures = 0; failures < 50; failures += 1) {
    breakers.failed({ cloud: 'one', name: 'host' }, 'no answer', now);
    now = breakers.state({ cloud: 'one', name: 'host' }, now).until ?? now;
  }
  const requests = [requestOf('a'), requestOf('b')];
  const probing = plan(situationOf({ requests, breakers, now }));
  expect(probing.launches).toHaveLength(1);
  breakers.failed({ cloud: 'one', name: 'host' }, 'no answer', now);
  const open = plan(situationOf({ requests, breakers, now }));
  expect(open).toMatchObject({ launches: [], due: now + 600_000 });
});

function decline(parts: Partial<Decline>): Decline {
  return {
    cloud: 'one',
    template: 'host',
    code: 'failed',
    reason: 'it broke',
    final: false,
    at: NOW - 1,
    ...parts,
  };
}

function requested({ launches }: Plan): (string | undefined)[] {
  return launches.map(({ request }) => request?.id);
}

function asked({ launches }: Plan): string[] {
  return launches.map(({ template }) => template.cloud);
}

function retired({ retire }: Plan): string[] {
  return retire.map(({ node }) => node.id);
}
