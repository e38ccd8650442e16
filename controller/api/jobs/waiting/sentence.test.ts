import { describe, expect, test } from 'vitest';
import type { Candidate, Outlook } from './outlook.ts';
import { candidateSentence, queueSentence } from './sentence.ts';
import { MINUTE, NOW, SECOND, candidate, node, outlookWith } from './test-support.ts';
import { createTimes } from './times.ts';

const TIMES = createTimes(NOW, undefined);

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
