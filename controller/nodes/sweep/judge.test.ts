import { describe, expect, test } from 'vitest';
import type { CloudResource } from '#controller/clouds';
import type { Node, NodeState } from '#controller/store';
import { nodeRow } from '../test-support.ts';
import { judgeNode, judgeResource, suspectOf, type Sight } from './judge.ts';

const MINUTE = 60_000;
const NOW = 100 * MINUTE;
const GRACE = 5 * MINUTE;

describe('L5: a resource', () => {
  test('goes only when two listings in a row saw it without a node', () => {
    expect(judgeResource(resource(), sight())).toEqual({
      verdict: 'suspected',
      reason: 'seen without a node once; the next listing decides',
    });
    expect(judgeResource(resource(), sight({ suspects: ['resource c1'] }))).toEqual({
      verdict: 'removed',
      reason: 'no living node, seen in two listings',
    });
  });

  test('is left alone while it is young, however often it was seen', () => {
    const young = resource({ createdAt: NOW - 40_000 });
    expect(judgeResource(young, sight({ suspects: ['resource c1'] }))).toEqual({
      verdict: 'kept',
      reason: 'younger than the grace (40s of 5m)',
    });
  });

  test('whose maker has a fast clock is young', () => {
    const early = resource({ createdAt: NOW + MINUTE });
    expect(judgeResource(early, sight())).toMatchObject({ verdict: 'kept', reason: /0ms of 5m/ });
  });

  test('stays while its node lives, and says what for', () => {
    const reasons = (['ready', 'leased', 'held', 'deleting'] as const).map((state) => {
      const view = sight({ after: [node({ state })], suspects: ['resource c1'] });
      return judgeResource(resource(), view);
    });
    expect(reasons).toEqual([
      { verdict: 'kept', reason: 'its node is ready' },
      { verdict: 'kept', reason: 'its node serves job 12/test' },
      { verdict: 'kept', reason: 'its node is held' },
      { verdict: 'kept', reason: 'its node is being stopped' },
    ]);
  });

  test('is no leak when its node went during the listing', () => {
    const view = sight({ before: [node()], suspects: ['resource c1'] });
    expect(judgeResource(resource(), view).verdict).toBe('kept');
  });

  test('of no node is nobody’s to remove', () => {
    const view = sight({ suspects: ['resource c1'] });
    expect(judgeResource(resource({ nodeId: '' }), view).verdict).toBe('suspected');
  });
});

describe('L5: a node without a resource', () => {
  test('is lost only when two listings in a row missed it', () => {
    const rows = { before: [node()], after: [node()] };
    expect(judgeNode(node(), sight(rows)).verdict).toBe('suspected');
    expect(judgeNode(node(), sight({ ...rows, suspects: ['node n1'] })).verdict).toBe('lost');
  });

  test('is left alone while it is young: listings lag', () => {
    const young = node({ created_at: NOW - 40_000 });
    const view = sight({ before: [young], after: [young], suspects: ['node n1'] });
    expect(judgeNode(young, view)).toEqual({ verdict: 'kept', reason: 'younger than the grace (40s of 5m)' });
  });

  test('is left alone when it came during the listing', () => {
    const view = sight({ after: [node()], suspects: ['node n1'] });
    expect(judgeNode(node(), view).verdict).toBe('kept');
  });

  test.each<NodeState>(['planned', 'launching', 'failed', 'deleting'])(
    'may have none while it is %s',
    (state) => {
      const rows = [node({ state })];
      const view = sight({ before: rows, after: rows, suspects: ['node n1'] });
      expect(judgeNode(node({ state }), view).verdict).toBe('kept');
    },
  );

  test.each<NodeState>(['leased', 'held'])('L9: stays %s while its agent talks to us', (state) => {
    const busy = node({ state, disconnected_at: null });
    const away = node({ state, disconnected_at: 5 });
    const view = sight({ before: [busy], after: [busy], suspects: ['node n1'] });
    expect(judgeNode(busy, view).verdict).toBe('suspected');
    expect(judgeNode(away, view).verdict).toBe('lost');
  });
});

function resource(given: Partial<CloudResource> = {}): CloudResource {
  return { id: 'c1', nodeId: 'n1', kind: 'container', createdAt: NOW - 60 * MINUTE, ...given };
}

function node(given: Partial<Node> = {}): Node {
  return nodeRow({ id: 'n1', state: 'ready', ...given });
}

function sight(given: { before?: Node[]; after?: Node[]; suspects?: string[] } = {}): Sight {
  const { before = [], after = [], suspects = [] } = given;
  return {
    before: byId(before),
    after: byId(after),
    seen: new Set(),
    suspects: new Set(suspects),
    jobOf: () => '12/test',
    now: NOW,
    graceMs: GRACE,
  };
}

function byId(nodes: Node[]): Map<string, Node> {
  return new Map(nodes.map((each) => [each.id, each]));
}

test('a suspicion of a resource is none of the node of that name', () => {
  expect(suspectOf('resource', 'a')).not.toBe(suspectOf('node', 'a'));
});
