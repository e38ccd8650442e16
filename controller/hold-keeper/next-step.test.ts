import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hold } from '#controller/store';
import { HOUR, MINUTE } from '../holds/test-support.ts';
import { nextStep } from './next-step.ts';

const RULES = { remindBefore: 30 * MINUTE, extendOnUse: HOUR };

function held(set: Partial<Hold>): Hold {
  const times = { expires_at: 4 * HOUR, latest_at: 24 * HOUR, reminded_for: null, used_at: null };
  return { admitted: 1, ...times, ...set } as Hold;
}

describe('the next step of a hold', () => {
  test('is to be admitted', () => {
    expect(nextStep(held({ admitted: 0, expires_at: null }), RULES, 0)).toEqual({ kind: 'admit' });
  });

  test('waits for its reminder, then for its end, where nobody is at work', () => {
    const rules = { ...RULES, extendOnUse: 0 };
    expect(nextStep(held({}), rules, 0)).toEqual({ kind: 'wait', until: 3.5 * HOUR });
    expect(nextStep(held({}), rules, 3.5 * HOUR)).toEqual({ kind: 'remind' });
    const reminded = held({ reminded_for: 4 * HOUR });
    expect(nextStep(reminded, rules, 3.5 * HOUR)).toEqual({ kind: 'wait', until: 4 * HOUR });
    expect(nextStep(reminded, rules, 4 * HOUR)).toEqual({ kind: 'expire' });
  });

  test('is no extension while its end is far, nor for what was used long ago', () => {
    expect(nextStep(held({ used_at: 2 * HOUR }), RULES, 2 * HOUR)).toMatchObject({ kind: 'wait' });
    expect(nextStep(held({ used_at: 3.5 * HOUR }), RULES, 3.7 * HOUR)).toEqual({ kind: 'remind' });
  });

  test('is an extension when its end is near and somebody is at work, up to the latest', () => {
    const used = held({ used_at: 3.5 * HOUR });
    expect(nextStep(used, RULES, 3.5 * HOUR)).toEqual({ kind: 'extend', until: 4.5 * HOUR });
    expect(nextStep({ ...used, latest_at: 4.2 * HOUR }, RULES, 3.5 * HOUR)).toEqual({
      kind: 'extend',
      until: 4.2 * HOUR,
    });
    expect(nextStep({ ...used, latest_at: 4 * HOUR }, RULES, 3.5 * HOUR)).toEqual({ kind: 'remind' });
  });

  test('is no extension by a moment: who works for an hour has it extended now and then', () => {
    const hold = held({ expires_at: HOUR });
    let extensions = 0;
    for (let now = 0; now < HOUR; now += 1_000) {
      hold.used_at = now;
      const step = nextStep(hold, RULES, now);
      if (step.kind !== 'extend') continue;
      hold.expires_at = step.until;
      extensions += 1;
    }
    expect(hold.expires_at).toBeGreaterThan(1.9 * HOUR);
    expect(extensions).toBeLessThanOrEqual(12);
  });

  test('looks in time, and ends every hold at its latest, whatever somebody does on it', () => {
    const span = fc.integer({ min: 1, max: 30 * HOUR });
    const rule = fc.oneof(fc.constant(0), fc.integer({ min: 5 * MINUTE, max: 6 * HOUR }));
    const uses = fc
      .array(fc.integer({ min: 0, max: 40 * HOUR }), { maxLength: 200 })
      .map((all) => all.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(span, span, rule, rule, uses, (one, other, remindBefore, extendOnUse, used) => {
        const hold = held({ expires_at: Math.min(one, other), latest_at: Math.max(one, other) });
        let now = 0;
        let reminders = 0;
        for (;;) {
          const { expires_at: end } = hold;
          hold.used_at = used.findLast((at) => at <= now) ?? null;
          const step = nextStep(hold, { remindBefore, extendOnUse }, now);
          if (step.kind === 'expire') break;
          if (step.kind === 'wait') {
            expect(step.until).toBeGreaterThan(now);
            expect(step.until).toBeLessThanOrEqual(end ?? 0);
            now = step.until;
          } else if (step.kind === 'extend') {
            expect(step.until).toBeGreaterThan(end ?? 0);
            hold.expires_at = step.until;
          } else {
            expect(step).toEqual({ kind: 'remind' });
            expect(hold.reminded_for).not.toBe(end);
            hold.reminded_for = end;
            reminders += 1;
          }
        }
        expect(now).toBeLessThanOrEqual(hold.latest_at ?? 0);
        if (remindBefore > 0 && hold.expires_at === hold.latest_at && extendOnUse === 0)
          expect(reminders).toBe(1);
      }),
    );
  });
});
