import { expect, test } from 'vitest';
import type { Status } from '#shared/expressions';
import { conditionsHold } from '#shared/pipeline';

test.each<[string[], Status, boolean]>([
  [[], 'success', true],
  [[], 'failure', false],
  [[], 'skipped', false],
  [[], 'cancelled', false],
  [['true'], 'failure', false],
  [['always()'], 'cancelled', true],
  [['failure()'], 'success', false],
  [['failure()'], 'failure', true],
  [['${{ !cancelled() }}'], 'failure', true],
  [['true', 'true'], 'success', true],
  [['true', 'false'], 'success', false],
  [['always()', 'true'], 'failure', true],
  [['true', 'always()'], 'failure', true],
  [['true', 'true'], 'failure', false],
  [['false', 'always()'], 'failure', false],
])('conditions %j after %s: %j', (texts, status, holds) => {
  const conditions = texts.map((text) => ({ text }));
  expect(conditionsHold(conditions, {}, status)).toBe(holds);
});

test('a condition that fails says so', () => {
  expect(() => conditionsHold([{ text: "fromJSON('x')" }], {}, 'success')).toThrow(
    expect.objectContaining({ code: 'expression-failed', message: expect.stringMatching(/^if: /) }),
  );
});
