import { describe, expect, test } from 'vitest';
import { estimateOf } from './estimate-of.ts';
import type { Candidate, NodeOnItsWay, Outlook } from './outlook.ts';
import { slotFreeAt } from './quota-estimate.ts';
import { candidateSentence, queueSentence } from './sentence.ts';
import { createTimes } from './times.ts';

const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const TIMES = createTimes(NOW, undefined);

describe('times', () => {
  test.each([
    ['soon, to the second', NOW + 10 * SECOND, 'UTC', '12:00:10'],
    ['later, to the minute', NOW + 3 * 60 * MINUTE + 10 * SECOND, 'UTC', '15:00'],
    ['on another day, with its date', NOW + 24 * 60 * MINUTE, 'UTC', '2026-02-01 12:00'],
    ['in the zone of who asks', NOW + 10 * SECOND, 'Europe/Zurich', '13:00:10'],
    ['with the zone for who named none', NOW + 10 * SECOND, undefined, '12:00:10 UTC'],
  ])('%s', (_, time, timeZone, expected) => {
    expect(createTimes(NOW, timeZone).at(time)).toBe(expected);
  });

  test('spans of some length have no tenths', () => {
    expect([250, 9_400, 14_300, 90_000].map((ms) => TIMES.span(ms))).toEqual([
      '250ms',
      '9.4s',
      '14s',
      '1m30s',
    ]);
  });
});

describe('the answer in one line', () => {
  test.each<[string, Partial<Outlook>, string]>([
    ['before anybody has looked', {}, 'it waits for a node that is `linux`'],
    [
      'at quota, with others before it',
      { candidates: [candidate({ code: 'quota', reason: 'at its quota: 20 of 20 nodes' })], ahead: 12 },
      'it waits for a node that is `linux`: rax/small: at its quota: 20 of 20 nodes; 12 jobs before it',
    ],
    [
      'for one reason that two candidates share, and another one',
      {
        candidates: [
          candidate({ code: 'project-quota', reason: 'project p is at its limit' }),
          candidate({ template: 'big', code: 'project-quota', reason: 'project p is at its limit' }),
          candidate({ cloud: 'hp', code: 'refused', verdict: 'final', reason: 'no such image' }),
        ],
        ahead: 1,
      },
      'it waits for a node that is `linux`: rax/small, rax/big: project p is at its limit; ' +
        'hp/small: no such image (it is not asked again); 1 job before it',
    ],
    [
      'while a node starts, whatever others say',
      {
        nodes: [node({ createdAt: NOW - 14 * SECOND, usualMs: 31 * SECOND })],
        candidates: [candidate({ code: 'quota', reason: 'full' })],
        ahead: 3,
      },
      'it waits for a node that is `linux`: rax/small launching since 14s, usually 31s',
    ],
    [
      'while the first node of a template is checked',
      { nodes: [node({ createdAt: NOW - 14 * SECOND, state: 'checking' })] },
      'it waits for a node that is `linux`: rax/small launching since 14s, being checked',
    ],
    [
      'right before a launch',
      {
        candidates: [
          candidate({ code: 'rate', reason: 'slow' }),
          candidate({ cloud: 'hp', verdict: 'open' }),
        ],
      },
      'it waits for a node that is `linux`: hp/small is about to launch one',
    ],
  ])('%s', (_, outlook, expected) => {
    expect(queueSentence(outlookWith(outlook), TIMES)).toBe(expected);
  });
});

describe('a candidate says', () => {
  test.each<[string, Partial<Candidate>, string | null]>([
    [
      'until when its breaker is open, and why',
      {
        code: 'breaker',
        reason: 'breaker open after 4 failures: no route',
        until: NOW + 4 * MINUTE,
        failing: { failures: 4, reason: 'no route' },
      },
      'breaker open until 12:04:00 UTC after 4 failures: no route',
    ],
    [
      'that a probe is under way',
      { code: 'breaker', reason: 'breaker half-open after 3 failures: x; one node is tried first' },
      'breaker half-open after 3 failures: x; one node is tried first',
    ],
    [
      'until when its rate holds it',
      { code: 'rate', reason: 'at its rate', until: NOW + 5 * SECOND },
      'at its rate, until 12:00:05 UTC',
    ],
    ['nothing of a time that is over', { code: 'aborted', reason: 'no room', until: NOW - 1 }, 'no room'],
    ['nothing while it is open', { verdict: 'open', code: null, reason: null }, null],
  ])('%s', (_, state, expected) => {
    expect(candidateSentence(candidate(state), TIMES)).toBe(expected);
  });
});

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

describe('slots come free', () => {
  const slots = {
    held: [NOW - 2 * MINUTE, NOW - 7 * MINUTE],
    holdMs: 10 * MINUTE,
    startMs: MINUTE,
    now: NOW,
  };

  test.each([
    ['the oldest job ends first', 0, 3 * MINUTE],
    ['the next one is for the second in the queue', 1, 8 * MINUTE],
    ['then come those that took these slots, a start and a job later', 2, 14 * MINUTE],
    ['and so on, round by round', 5, 30 * MINUTE],
  ])('%s', (_, ahead, expected) => {
    expect(slotFreeAt({ ...slots, ahead }) - NOW).toBe(expected);
  });

  test('a job that takes longer than usual may end at any moment', () => {
    expect(slotFreeAt({ ...slots, held: [NOW - 60 * MINUTE], ahead: 0 })).toBe(NOW);
  });
});

function outlookWith(outlook: Partial<Outlook>): Outlook {
  return { runsOn: 'linux', candidates: [], nodes: [], ahead: 0, ...outlook };
}

function candidate(state: Partial<Candidate>): Candidate {
  return {
    cloud: 'rax',
    template: 'small',
    verdict: 'declined',
    code: null,
    reason: null,
    until: null,
    usualMs: null,
    tailMs: null,
    failing: null,
    holdings: [],
    ...state,
  };
}

function node(state: Partial<NodeOnItsWay>): NodeOnItsWay {
  return {
    id: 'n1',
    cloud: 'rax',
    template: 'small',
    state: 'launching',
    createdAt: NOW,
    usualMs: null,
    tailMs: null,
    ...state,
  };
}

/** Five that have ended after so many minutes, and those that run for so many. */
function holdings(running: readonly number[], minutes: number): Candidate['holdings'] {
  const ended = Array.from({ length: 5 }, () => ({ from: 0, to: minutes * MINUTE }));
  return [...running.map((ago) => ({ from: NOW - ago * MINUTE, to: null })), ...ended];
}
