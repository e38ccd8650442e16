import { describe, expect, test } from 'vitest';
import { estimateOf } from './estimate-of.ts';
import type { Candidate, Outlook } from './outlook.ts';
import { MINUTE, NOW, SECOND, candidate, node, outlookWith } from './test-support.ts';
import { createTimes } from './times.ts';

const TIMES = createTimes(NOW, undefined);

describe('an estimate', () => {
  const usual = { usualMs: 31 * SECOND, tailMs: 54 * SECOND };

  test.each<[string, Partial<Outlook>, number | null, RegExp]>([
    [
      'of a node that has just begun: the median',
      { nodes: [node({ createdAt: NOW - 14 * SECOND, ...usual })] },
      NOW + 17 * SECOND,
      /^probably at 12:00:17 UTC, in 17s: rax\/small usually takes 31s$/,
    ],
    [
      'of a slow one: the tail',
      { nodes: [node({ createdAt: NOW - 40 * SECOND, ...usual })] },
      NOW + 14 * SECOND,
      /^very likely by 12:00:14 UTC, slower than usual: 19 of 20 starts of rax\/small take no more than 54s$/,
    ],
    [
      'of one that is past all that is usual: only that',
      { nodes: [node({ createdAt: NOW - 60 * SECOND, ...usual })] },
      null,
      /^later than usual: 19 of 20/,
    ],
    [
      'of two nodes: the one that is ready first',
      {
        nodes: [
          node({ createdAt: NOW - 60 * SECOND, ...usual }),
          node({ cloud: 'hp', createdAt: NOW - SECOND, usualMs: 5 * SECOND, tailMs: 9 * SECOND }),
        ],
      },
      NOW + 4 * SECOND,
      /hp\/small usually takes 5s/,
    ],
    [
      'of an open candidate',
      { candidates: [candidate({ verdict: 'open', ...usual })] },
      NOW + 31 * SECOND,
      /^probably at 12:00:31/,
    ],
    [
      'behind a breaker: the probe, and what its start takes',
      { candidates: [candidate({ code: 'breaker', until: NOW + 4 * MINUTE, ...usual })] },
      NOW + 4 * MINUTE + 31 * SECOND,
      /^not before 12:04:31 UTC, and only if rax\/small works again: it is tried at 12:04:00 UTC/,
    ],
    [
      'behind a rate',
      { candidates: [candidate({ code: 'rate', until: NOW + 5 * SECOND, ...usual })] },
      NOW + 36 * SECOND,
      /^probably at 12:00:36/,
    ],
    [
      'behind a quota: when jobs usually give their nodes back, and what a start takes',
      { candidates: [candidate({ code: 'quota', holdings: holdings([2, 7], 10), ...usual })], ahead: 0 },
      NOW + 3 * MINUTE + 31 * SECOND,
      /^a rough guess: 12:03:31 UTC, as jobs usually hold a node of rax\/small for 10m, 2 jobs do now, and it is the next$/,
    ],
    [
      'behind a quota whose jobs all take longer than usual: only that',
      { candidates: [candidate({ code: 'quota', holdings: holdings([12, 17], 10), ...usual })] },
      null,
      /^later than usual: jobs usually hold a node of rax\/small for 10m, and those that do now take longer$/,
    ],
    [
      'behind a breaker of a template that never started: not before',
      { candidates: [candidate({ code: 'breaker', until: NOW + 4 * MINUTE })] },
      null,
      /^not before 12:04:00 UTC, when rax\/small is asked again$/,
    ],
    [
      'of several ways: the first that is open',
      {
        candidates: [
          candidate({ code: 'cordoned', ...usual }),
          candidate({ cloud: 'hp', code: 'breaker', until: NOW + 4 * MINUTE, ...usual }),
          candidate({ cloud: 'ovh', code: 'rate', until: NOW + 5 * SECOND, ...usual }),
        ],
      },
      NOW + 36 * SECOND,
      /ovh\/small/,
    ],
  ])('%s', (_, outlook, at, sentence) => {
    const estimate = estimateOf(outlookWith(outlook), TIMES);
    expect(estimate?.at).toBe(at);
    expect(estimate?.sentence).toMatch(sentence);
  });

  test.each<[string, Partial<Outlook>]>([
    ['of a cordoned cloud', { candidates: [candidate({ code: 'cordoned', ...usual })] }],
    ['of a project at its limit', { candidates: [candidate({ code: 'project-quota', ...usual })] }],
    ['of the last nodes, which are not for it', { candidates: [candidate({ code: 'reserve', ...usual })] }],
    [
      'of one that said no for good',
      { candidates: [candidate({ verdict: 'final', code: 'refused', ...usual })] },
    ],
    [
      'of a quota where no job has ended yet',
      { candidates: [candidate({ code: 'quota', holdings: [{ from: NOW, to: null }] })] },
    ],
    ['of a node whose template is new', { nodes: [node({})] }],
  ])('there is none %s', (_, outlook) => {
    expect(estimateOf(outlookWith(outlook), TIMES)).toBeNull();
  });
});

/** Five that have ended after so many minutes, and those that run for so many. */
function holdings(running: readonly number[], minutes: number): Candidate['holdings'] {
  const ended = Array.from({ length: 5 }, () => ({ from: 0, to: minutes * MINUTE }));
  return [...running.map((ago) => ({ from: NOW - ago * MINUTE, to: null })), ...ended];
}
