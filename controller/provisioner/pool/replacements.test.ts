import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node, NodeState } from '#controller/store';
import { replacements } from './replacements.ts';
import { nodeOf } from './test-support.ts';

const outdated = ({ template_digest: digest }: Node) => (digest === 'old' ? { reason: 'it is old' } : null);
const old = (node: Partial<Node> = {}) => nodeOf({ template_digest: 'old', ...node });

describe('a pool', () => {
  test('launches what is missing', () => {
    const spare = [nodeOf(), nodeOf({ state: 'launching' })];
    expect(replacements(spare, 5, outdated)).toEqual({ keep: spare, retire: [], wanted: 5, giveUp: null });
  });

  test('lets go of what is too many: outdated ones, then those furthest from a job', () => {
    const [ready, connecting, worn] = [nodeOf(), nodeOf({ state: 'connecting' }), old()];
    expect(replacements([worn, connecting, ready], 1, outdated)).toMatchObject({
      keep: [ready],
      retire: [
        { node: worn, reason: 'it is old' },
        { node: connecting, reason: 'no job wants it' },
      ],
      wanted: 1,
    });
  });

  test('keeps an outdated node until a good one is ready', () => {
    const worn = old();
    const first = replacements([worn], 1, outdated);
    expect(first).toMatchObject({ keep: [worn], retire: [], wanted: 2 });
    const coming = nodeOf({ state: 'checking' });
    expect(replacements([worn, coming], 1, outdated)).toMatchObject({ keep: [worn, coming], wanted: 2 });
    const second = replacements([worn, nodeOf()], 1, outdated);
    expect(second.retire).toEqual([{ node: worn, reason: 'it is old' }]);
  });

  test('replaces a quarter at a time, and whatever is missing besides', () => {
    const worn = Array.from({ length: 7 }, () => old());
    expect(replacements(worn, 8, outdated).wanted).toBe(7 + 1 + 2);
  });

  test('gives up one outdated node where the quota leaves no room, and the next when that was replaced', () => {
    const [one, two] = [old(), old()];
    expect(replacements([one, two], 2, outdated).giveUp).toEqual({ node: two, reason: 'it is old' });
    expect(replacements([one], 2, outdated).giveUp).toBeNull();
    expect(replacements([one, nodeOf({ state: 'launching' })], 2, outdated).giveUp).toBeNull();
    expect(replacements([one, nodeOf()], 2, outdated).giveUp).toEqual({ node: one, reason: 'it is old' });
  });

  test('leaves cordoned nodes alone, and does not count them', () => {
    const cordoned = nodeOf({ cordoned: 'looked at' });
    expect(replacements([cordoned], 1, outdated)).toEqual({ keep: [], retire: [], wanted: 1, giveUp: null });
    expect(replacements([cordoned], 0, outdated).retire).toEqual([]);
  });

  test('does not rely on a node whose agent is away', () => {
    const worn = old();
    expect(replacements([worn, nodeOf({ disconnected_at: 1 })], 1, outdated).retire).toEqual([]);
  });
});

test('a pool of any nodes comes to its target of good ones, never below what it had, and then rests', () => {
  fc.assert(
    fc.property(fc.array(anyNode(), { maxLength: 12 }), fc.integer({ min: 0, max: 10 }), (start, target) => {
      let spare = start;
      for (let pass = 0; pass < 60; pass += 1) {
        const had = Math.min(target, spare.filter(isReady).length);
        const { keep, retire, wanted } = replacements(spare, target, outdated);
        expect(new Set([...keep, ...retire.map(({ node }) => node)])).toEqual(new Set(spare));
        expect(keep.filter(isReady).length).toBeGreaterThanOrEqual(had);
        for (const { node } of retire) expect(['planned', 'launching']).not.toContain(node.state);
        const launched = Array.from({ length: wanted - keep.length }, () => nodeOf({ state: 'planned' }));
        // All that is on its way arrives before the next pass.
        spare = [...keep, ...launched].map(arrived);
      }
      expect(spare).toHaveLength(target);
      expect(spare.every((node) => outdated(node) === null)).toBe(true);
      expect(replacements(spare, target, outdated)).toMatchObject({
        retire: [],
        wanted: target,
        giveUp: null,
      });
    }),
  );
});

function isReady({ state, disconnected_at: away }: Node): boolean {
  return state === 'ready' && away === null;
}

function anyNode(): fc.Arbitrary<Node> {
  const state = fc.constantFrom<NodeState>(
    'planned',
    'launching',
    'connecting',
    'checking',
    'ready',
    'ready',
  );
  return fc.record({ state, template_digest: fc.constantFrom('old', 'digest-1') }).map(nodeOf);
}

function arrived(node: Node): Node {
  return { ...node, state: 'ready' };
}
