import { describe, expect, test } from 'vitest';
import type { CheckSettings } from '#controller/fleet';
import type { CheckFinished } from '#shared/protocol';
import { NO_CHECKS } from '../test-support.ts';
import { evaluate } from './evaluate.ts';

function judge(settings: Partial<CheckSettings>, finished: Partial<CheckFinished> = {}, roundTripMs = 0) {
  return evaluate(
    { ...NO_CHECKS, ...settings },
    {
      finished: {
        type: 'check.finished',
        check: 'c',
        at: 10_000,
        diskFreeBytes: 1024 ** 3,
        memoryAvailableBytes: 1024 ** 3,
        results: [],
        output: '',
        ...finished,
      },
      receivedAt: 10_000,
      roundTripMs,
    },
  );
}

test('where nothing is asked for, every node is fit', () => {
  expect(judge({}, { diskFreeBytes: 0, memoryAvailableBytes: 0, at: 0 })).toEqual({
    outcomes: [],
    problem: null,
  });
});

test.each([
  ['disk', { diskBytes: 1024 ** 3 }, { diskFreeBytes: 1024 ** 3 - 1 }],
  ['memory', { memoryBytes: 1024 ** 3 }, { memoryAvailableBytes: 1024 ** 3 - 1 }],
])('%s that is just enough is enough; a byte less is not', (name, settings, less) => {
  expect(judge(settings)).toMatchObject({ outcomes: [{ name, ok: true }], problem: null });
  expect(judge(settings, less)).toMatchObject({
    outcomes: [{ name, ok: false }],
    problem: expect.stringMatching(`^its check "${name}" failed: .* less than 1 GiB$`),
  });
});

describe('the clock', () => {
  test.each([
    [11_000, true],
    [11_001, false],
    [9_000, true],
    [8_999, false],
  ])('that says %i at 10000 within a second: %s', (at, ok) => {
    expect(judge({ clockMs: 1000 }, { at }).problem === null).toBe(ok);
  });

  test('is compared with the time at which the agent said it: half the round trip before', () => {
    expect(judge({ clockMs: 100 }, { at: 8_000 }, 4_000).problem).toBeNull();
    expect(judge({ clockMs: 100 }, { at: 10_000 }, 4_000).problem).toBe(
      'its check "clock" failed: it is 2s ahead of the controller\'s, more than 100ms',
    );
  });
});

describe('what the agent tells', () => {
  const settings = { dns: ['a'], reach: ['b:1'], script: 'x' };
  const fine = [
    { name: 'dns a', ok: true, ms: 1 },
    { name: 'reach b:1', ok: true, ms: 2 },
    { name: 'script', ok: true, ms: 3 },
  ];

  test('makes the node fit when all of it is good', () => {
    expect(judge(settings, { results: fine })).toMatchObject({ problem: null });
  });

  test('names the first failure of the settings, in whatever order it is told', () => {
    const results = [
      { name: 'script', ok: false, message: 'it ended with exit code 1', ms: 1 },
      { name: 'reach b:1', ok: false, message: 'no connection', ms: 1 },
      { name: 'dns a', ok: true, ms: 1 },
    ];
    const { outcomes, problem } = judge(settings, { results });
    expect(problem).toBe('its check "reach b:1" failed: no connection');
    expect(outcomes.map(({ name }) => name)).toEqual(['dns a', 'reach b:1', 'script']);
  });

  test('is held against it when it leaves something out, or says no word of why', () => {
    expect(judge(settings, { results: fine.slice(0, 2) }).problem).toBe(
      'its check "script" failed: its agent did not tell of it',
    );
    expect(judge(settings, { results: [{ name: 'dns a', ok: false, ms: 1 }] }).problem).toBe(
      'its check "dns a" failed: it did not say why',
    );
  });

  test('counts for nothing where nobody asked', () => {
    const results = [...fine, { name: 'dns other', ok: false, message: 'x', ms: 1 }];
    expect(judge(settings, { results })).toMatchObject({ outcomes: { length: 3 }, problem: null });
  });

  test('of one thing twice is as bad as the worse', () => {
    const results = [{ name: 'dns a', ok: false, message: 'no', ms: 1 }, ...fine];
    expect(judge(settings, { results }).problem).toBe('its check "dns a" failed: no');
  });

  test('is one plain line, whatever it puts in', () => {
    const message = 'a\u0000b\n\u001b[2Jc\ud800';
    const { outcomes } = judge({ dns: ['a'] }, { results: [{ name: 'dns a', ok: false, message, ms: 1 }] });
    expect(outcomes[0]?.message).toBe('a b [2Jc\ufffd');
  });

  test('of a name that is longer than a result can say is found all the same', () => {
    const target = `https://host/${'x'.repeat(400)}`;
    const results = [{ name: `reach ${target}`.slice(0, 256), ok: true, ms: 1 }];
    expect(judge({ reach: [target] }, { results }).problem).toBeNull();
  });
});
