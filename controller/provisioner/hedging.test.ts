import { describe, expect, test } from 'vitest';
import { createBreakers } from './breaker.ts';
import { createLaunchHistory } from './launch-history.ts';
import { plan } from './plan.ts';
import { cloudOf, nodeOf, NOW, poolOf, requestOf, situationOf, templateOf } from './test-support.ts';

const clouds = [cloudOf('one', [templateOf()]), cloudOf('two', [templateOf()])];
const onItsWay = nodeOf('n', 'connecting', { request_id: 'a', cloud: 'one' });

describe('a launch that is slower than usual', () => {
  const requests = [requestOf('a')];
  const history = createLaunchHistory();
  for (let count = 0; count < 20; count += 1)
    history.note({ cloud: 'one', name: 'host' }, { at: NOW, failure: null, startMs: 10_000 });
  const slow = nodeOf('n', 'connecting', { request_id: 'a', created_at: NOW - 12_600 });

  test('gets a second one beside it, elsewhere', () => {
    const { launches } = plan(situationOf({ requests, clouds, history, nodes: [slow] }));
    expect(launches).toMatchObject([{ template: { cloud: 'two' }, request: { id: 'a' }, isHedge: true }]);
  });

  test('not where a job waits for the room, though a smaller node would still fit', () => {
    const big = templateOf({ name: 'big', labels: new Set(['big']), size: { cpus: 2, memoryBytes: 0 } });
    const quota = { nodes: null, cpus: 2, memoryBytes: null };
    const small = templateOf({ size: { cpus: 1, memoryBytes: 0 } });
    const crowded = [cloudOf('one', [templateOf()]), cloudOf('two', [small, big], { quota })];
    const nodes = [slow, nodeOf('m', 'leased', { cloud: 'two' })];
    const both = [...requests, requestOf('b', { runsOn: 'big' })];
    expect(plan(situationOf({ requests: both, clouds: crowded, history, nodes })).launches).toEqual([]);
    expect(plan(situationOf({ requests, clouds: crowded, history, nodes })).launches).toHaveLength(1);
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

test('a job does not wait for a node whose template keeps failing: a second one comes from elsewhere, at once', () => {
  const breakers = createBreakers();
  const launches = (now: number) =>
    plan(situationOf({ requests: [requestOf('a')], clouds, nodes: [onItsWay], breakers, now })).launches;
  breakers.failed({ cloud: 'one', name: 'host' }, 'no answer', NOW);
  expect(launches(NOW)).toEqual([]);
  for (let count = 1; count < 3; count += 1)
    breakers.failed({ cloud: 'one', name: 'host' }, 'no answer', NOW);
  const hedged = [{ template: { cloud: 'two' }, request: { id: 'a' }, isHedge: true }];
  expect(launches(NOW)).toMatchObject(hedged);
  // The probe of a breaker that is half-open is such a node, too.
  expect(launches(NOW + 5_000)).toMatchObject(hedged);
});

test('nor is there any haste when the template is the only one, or has recovered', () => {
  const breakers = createBreakers();
  for (let count = 0; count < 3; count += 1)
    breakers.failed({ cloud: 'one', name: 'host' }, 'no answer', NOW);
  const common = { requests: [requestOf('a')], nodes: [onItsWay], breakers };
  expect(plan(situationOf({ ...common, clouds: clouds.slice(0, 1) })).launches).toEqual([]);
  breakers.succeeded({ cloud: 'one', name: 'host' });
  expect(plan(situationOf({ ...common, clouds })).launches).toEqual([]);
});

test('a node that lost its job to a second one, and may never come, is promised to no other job', () => {
  const breakers = createBreakers();
  const orphan = nodeOf('n', 'connecting', { request_id: 'gone', cloud: 'one' });
  const planned = () => plan(situationOf({ requests: [requestOf('b')], clouds, nodes: [orphan], breakers }));
  expect(planned()).toMatchObject({ launches: [], retire: [] });
  for (let count = 0; count < 3; count += 1)
    breakers.failed({ cloud: 'one', name: 'host' }, 'no answer', NOW);
  expect(planned()).toMatchObject({
    launches: [{ template: { cloud: 'two' }, request: { id: 'b' } }],
    retire: [{ node: { id: 'n' } }],
  });
});
