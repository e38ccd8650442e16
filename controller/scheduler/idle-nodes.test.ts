import { expect, test } from 'vitest';
import { createLabelMatcher, type LabelMatcher } from '#controller/matching';
import type { Node } from '#controller/store';
import { createIdleNodes } from './idle-nodes.ts';

test('the first that fits is found, whatever group it is of, until it is dropped', () => {
  const [arm, slow, fast] = [node('arm'), node('linux', 'slow'), node('linux', 'fast')];
  const late = node('slow', 'linux');
  const idle = createIdleNodes([arm, slow, fast, late], createLabelMatcher());
  expect(idle.find('linux')).toBe(slow);
  expect(idle.find('linux')).toBe(slow);
  idle.drop(slow);
  expect(idle.find('linux')).toBe(fast);
  expect(idle.find('slow')).toBe(late);
  idle.drop(fast);
  idle.drop(late);
  expect(idle.find('linux')).toBeUndefined();
  expect(idle.find('!linux')).toBe(arm);
});

test('each expression is matched once with each set of labels, for however many jobs and nodes', () => {
  const { matcher, asked } = counting();
  const nodes = Array.from({ length: 500 }, (_, n) => node('linux', `kind-${n % 5}`));
  const idle = createIdleNodes(nodes, matcher);
  for (let job = 0; job < 10_000; job++) {
    const found = idle.find(job % 2 === 0 ? 'gpu' : 'linux');
    if (found !== undefined) idle.drop(found);
  }
  expect(asked()).toBe(10);
});

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
  return { labels } as unknown as Node;
}
