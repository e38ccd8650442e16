import { describe, expect, test } from 'vitest';
import { createLabelMatcher, type LabelMatcher } from '#controller/matching';
import type { Node, WantedImages } from '#controller/store';
import { createIdleNodes } from './idle-nodes.ts';

test('the first that fits is found, whatever group it is of, until it is dropped', () => {
  const [arm, slow, fast] = [node('arm'), node('linux', 'slow'), node('linux', 'fast')];
  const late = node('slow', 'linux');
  const idle = createIdleNodes([arm, slow, fast, late], createLabelMatcher());
  expect(idle.find(wish('linux'))).toBe(slow);
  expect(idle.find(wish('linux'))).toBe(slow);
  idle.drop(slow);
  expect(idle.find(wish('linux'))).toBe(fast);
  expect(idle.find(wish('slow'))).toBe(late);
  idle.drop(fast);
  idle.drop(late);
  expect(idle.find(wish('linux'))).toBeUndefined();
  expect(idle.find(wish('!linux'))).toBe(arm);
});

test('each expression is matched once with each set of labels, for however many jobs and nodes', () => {
  const { matcher, asked } = counting();
  const nodes = Array.from({ length: 500 }, (_, n) => node('linux', `kind-${n % 5}`));
  const idle = createIdleNodes(nodes, matcher);
  for (let job = 0; job < 10_000; job++) {
    const found = idle.find(wish(job % 2 === 0 ? 'gpu' : 'linux'));
    if (found !== undefined) idle.drop(found);
  }
  expect(asked()).toBe(10);
});

describe('a node that was made for one version of an image', () => {
  const [common, first, second] = [made(null), made('v1'), made('v2')];
  const idle = createIdleNodes([first, second, common], createLabelMatcher());

  test('goes to jobs that ask for that very version', () => {
    expect(idle.find(wish('linux', { 'lab/small': 'v1' }))).toBe(first);
    expect(idle.find(wish('linux', { 'lab/small': 'v2' }))).toBe(second);
  });

  test('goes to nobody else', () => {
    expect(idle.find(wish('linux'))).toBe(common);
    expect(idle.find(wish('linux', { 'lab/small': 'v3' }))).toBeUndefined();
    expect(idle.find(wish('linux', { 'lab/large': 'v1' }))).toBeUndefined();
    expect(idle.find(wish('arm', { 'lab/small': 'v1' }))).toBeUndefined();
  });

  test('is not what a job gets that wants a template as it is', () => {
    expect(idle.find(wish('linux', { 'lab/small': null }))).toBe(common);
    expect(idle.find(wish('linux', { 'lab/large': null }))).toBeUndefined();
  });
});

function wish(runsOn: string, images: WantedImages | null = null) {
  return { runsOn, images };
}

function made(version: string | null): Node {
  const pinned = version === null ? 0 : 1;
  return { ...node('linux'), cloud: 'lab', template: 'small', version_id: version, pinned };
}

function counting(): { matcher: LabelMatcher; asked(): number } {
  const { matches, ...others } = createLabelMatcher();
  let count = 0;
  return {
    matcher: {
      ...others,
      matches(...pair) {
        count += 1;
        return matches(...pair);
      },
    },
    asked: () => count,
  };
}

function node(...labels: string[]): Node {
  return { cloud: 'lab', template: 'small', labels, version_id: null, pinned: 0 } as unknown as Node;
}
