import { describe, expect, test } from 'vitest';
import { createLabelMatcher } from '#controller/matching';
import type { Node, NodeRequest, NodeState } from '#controller/store';
import { createBackoff } from './backoff.ts';
import type { CloudSet, Template } from './open-cloud.ts';
import { plan, type Situation } from './plan.ts';

const NOW = 1_000_000;

describe('what is launched', () => {
  test('one node for each request that has none', () => {
    const { launches } = plan(situation({ requests: [request('a'), request('b')] }));
    expect(launches.map(({ request }) => request?.id)).toEqual(['a', 'b']);
  });

  test('nothing for a request whose node is on its way (L10: demand is arithmetic)', () => {
    const nodes = [node('n', 'launching', { request_id: 'a' })];
    expect(plan(situation({ requests: [request('a')], nodes })).launches).toEqual([]);
  });

  test('nothing for a request that a spare ready node fits', () => {
    const nodes = [node('n', 'ready')];
    const { launches, retire } = plan(situation({ requests: [request('a')], nodes }));
    expect({ launches, retire }).toEqual({ launches: [], retire: [] });
  });

  test('a leased node serves nobody else (L1)', () => {
    const nodes = [node('n', 'leased')];
    expect(plan(situation({ requests: [request('a')], nodes })).launches).toHaveLength(1);
  });

  test('the second candidate while the first one is paused', () => {
    const backoff = createBackoff();
    const clouds = [cloud('one', 5, [template('one')]), cloud('two', 5, [template('two')])];
    backoff.failed(template('one'), 'the engine does not answer', NOW);
    const { launches } = plan(situation({ requests: [request('a')], clouds, backoff }));
    expect(launches.map(({ template }) => template.cloud)).toEqual(['two']);
  });

  test('a request that declined a candidate for good does not ask it again', () => {
    const clouds = [cloud('one', 5, [template('one')]), cloud('two', 5, [template('two')])];
    const declines = [{ cloud: 'one', template: 'host', reason: 'no such image', final: true, at: NOW }];
    const { launches } = plan(situation({ requests: [request('a', { declines })], clouds }));
    expect(launches.map(({ template }) => template.cloud)).toEqual(['two']);
  });
});

describe('quotas count everything that is not yet gone (L11)', () => {
  test.each(['failed', 'deleting', 'held', 'leased'] as const)('a node that is %s', (state) => {
    const clouds = [cloud('one', 1, [template('one')])];
    const { launches, declines } = plan(
      situation({ requests: [request('a')], clouds, nodes: [node('n', state)] }),
    );
    expect(launches).toEqual([]);
    expect(declines.map(({ decline }) => decline.reason)).toEqual([
      'cloud one is at its quota, 1 of 1 nodes',
    ]);
  });

  test('what this very plan launches', () => {
    const clouds = [cloud('one', 2, [template('one')])];
    const { launches } = plan(situation({ requests: ['a', 'b', 'c'].map((id) => request(id)), clouds }));
    expect(launches).toHaveLength(2);
  });

  test('the same reason is not told twice', () => {
    const clouds = [cloud('one', 1, [template('one')])];
    const reason = 'cloud one is at its quota, 1 of 1 nodes';
    const declines = [{ cloud: 'one', template: 'host', reason, final: false, at: NOW }];
    const nodes = [node('n', 'leased')];
    expect(plan(situation({ requests: [request('a', { declines })], clouds, nodes })).declines).toEqual([]);
  });
});

describe('requests that fail', () => {
  test('no template has the label: at once, with the nearest', () => {
    const { failures } = plan(situation({ requests: [request('a', { runs_on: 'linix' })] }));
    expect(failures.map(({ reason }) => reason)).toEqual([
      'no template matches `linix`: no template has the label `linix` (did you mean `linux`?)',
    ]);
  });

  test('every candidate declined for good', () => {
    const declines = [{ cloud: 'one', template: 'host', reason: 'no such image', final: true, at: NOW }];
    const { failures } = plan(situation({ requests: [request('a', { declines })] }));
    expect(failures.map(({ reason }) => reason)).toEqual([
      'no cloud could give a node: one/host: no such image',
    ]);
  });

  test('one that can not be met keeps no other from its node (I8)', () => {
    const requests = [request('a', { runs_on: 'mars' }), request('b')];
    expect(plan(situation({ requests })).launches.map(({ request }) => request?.id)).toEqual(['b']);
  });
});

describe('nodes kept ready', () => {
  test('as many as the template says, beyond those that jobs get', () => {
    const clouds = [cloud('one', 9, [template('one', { minReady: 2 })])];
    const nodes = [node('n', 'ready')];
    const { launches } = plan(situation({ requests: [request('a')], nodes, clouds }));
    expect(launches.map(({ request }) => request)).toEqual([null, null]);
  });

  test('what nobody wants is retired, but not while its launch is under way', () => {
    const nodes = [node('r', 'ready'), node('c', 'connecting'), node('l', 'launching')];
    expect(plan(situation({ nodes })).retire.map(({ id }) => id)).toEqual(['r', 'c']);
  });

  test('a node of a template that is gone is retired', () => {
    const nodes = [node('n', 'ready', { template: 'gone' })];
    expect(plan(situation({ nodes })).retire.map(({ id }) => id)).toEqual(['n']);
  });
});

test('a paused template is tried again when its pause ends, however often it failed (L12)', () => {
  const backoff = createBackoff();
  for (let failures = 0; failures < 50; failures += 1) backoff.failed(template('one'), 'no answer', NOW);
  const paused = plan(situation({ requests: [request('a')], backoff }));
  expect(paused.launches).toEqual([]);
  expect(paused.due).toBeLessThanOrEqual(NOW + 60_000);
  const later = plan(situation({ requests: [request('a')], backoff, now: paused.due ?? 0 }));
  expect(later.launches).toHaveLength(1);
});

function situation(parts: Partial<Situation>): Situation {
  return {
    requests: [],
    nodes: [],
    clouds: [cloud('one', 5, [template('one')])],
    matcher: createLabelMatcher(),
    backoff: createBackoff(),
    now: NOW,
    ...parts,
  };
}

function cloud(name: string, maxNodes: number, templates: Template[]): CloudSet[number] {
  return { name, kind: 'test', maxNodes, templates, cloud: undefined as never };
}

function template(cloudName: string, parts: Partial<Template> = {}): Template {
  const labels = new Set(['linux', 'small']);
  return { cloud: cloudName, name: 'host', labels, maxNodes: 100, minReady: 0, settings: {}, ...parts };
}

function request(id: string, parts: Partial<NodeRequest> = {}): NodeRequest {
  return {
    id,
    job_id: `job-${id}`,
    role: 'main',
    runs_on: 'linux',
    state: 'requested',
    state_since: NOW,
    declines: [],
    reason: null,
    created_at: NOW,
    ...parts,
  };
}

function node(id: string, state: NodeState, parts: Partial<Node> = {}): Node {
  return {
    id,
    cloud: 'one',
    template: 'host',
    request_id: null,
    labels: ['linux', 'small'],
    state,
    state_since: NOW,
    reason: null,
    resource: null,
    facts: null,
    bootstrap_used_at: null,
    session_epoch: 0,
    disconnected_at: null,
    removal_failures: 0,
    removal_due_at: null,
    created_at: NOW,
    launched_at: null,
    connected_at: null,
    ready_at: null,
    leased_at: null,
    deleted_at: null,
    ...parts,
  };
}
