import { expect, test } from 'vitest';
import { parseLabelExpression } from './parse.ts';
import { verdictOn } from './verdict.ts';

const LABELS = new Set(['linux', 'small']);

test.each([
  ['linux', 'yes'],
  ['big', 'no'],
  ['debian', 'maybe'],
  ['!linux', 'no'],
  ['!debian', 'maybe'],
  ['linux && debian', 'maybe'],
  ['big && debian', 'no'],
  ['linux || debian', 'yes'],
  ['big || debian', 'maybe'],
  ['debian -> linux', 'yes'],
  ['debian -> big', 'maybe'],
  ['linux -> debian', 'maybe'],
  ['big -> debian', 'yes'],
  ['linux <-> small', 'yes'],
  ['linux <-> big', 'no'],
  ['linux <-> debian', 'maybe'],
  ['!big && (debian || big)', 'maybe'],
])('of a template that may be debian, %s is %s', (expression, verdict) => {
  expect(verdictOn(parseLabelExpression(expression), LABELS, (label) => label === 'debian')).toBe(verdict);
});
