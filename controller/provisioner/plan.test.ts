import { describe, expect, test } from 'vitest';
import type { OpenCloud } from '#controller/fleet';
import { MAX_DECLINES } from '#controller/store';
import { createBreakers } from './breaker.ts';
import { createLaunchHistory } from './launch-history.ts';
import { createLaunchRates } from './launch-rates.ts';
import { plan } from './plan.ts';
import {
  NOW,
  asked,
  cloudOf,
  decline,
  nodeOf,
  requestOf,
  requested,
  situationOf,
  templateOf,
} from './test-support.ts';

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

  test.each([
    ['failed', reason],
    ['deleting', reason],
    ['held', `${reason}; 1 node is held for people`],
    ['leased', reason],
  ] as const)('a node that is %s', (state, reason) => {
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
    const both = [requestOf('a', { project, rank: NOW - 1 }), requestOf('b', { project })];
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
