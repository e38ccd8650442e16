import { expect, test } from 'vitest';
import { formatProblem } from '#shared/document';
import { parseTrace, repeatTrace } from './index.ts';

test('seconds are read to the millisecond; comments, empty lines and a heading say nothing', () => {
  const source = '# a trace\narrival_s\n0\n\n1.5 # two at once\n1.5\r\n12\n';
  expect(parseTrace(source, 'a.csv')).toEqual({ ok: true, trace: [0, 1500, 1500, 12_000] });
});

test.each([
  ['', 'a.csv:1:1: the trace has no arrivals'],
  ['0\n  soon\n', 'a.csv:2:3: "soon" is no number of seconds, such as 12 or 12.345'],
  ['0\n-1\n', 'a.csv:2:1: "-1" is no number of seconds, such as 12 or 12.345'],
  ['0\n1e3\n', 'a.csv:2:1: "1e3" is no number of seconds, such as 12 or 12.345'],
  ['0\n5\n4\n', 'a.csv:3:1: 4 comes before the arrival above it'],
  ['3\n', 'a.csv:1:1: times are counted from the first arrival, which is at 0'],
  ['0\narrival_s\n', 'a.csv:2:1: "arrival_s" is no number of seconds, such as 12 or 12.345'],
])('%j is refused with its line', (source, problem) => {
  const parsed = parseTrace(source, 'a.csv');
  expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([problem]);
});

test('a trace is repeated in whole weeks, so that days stay what they were', () => {
  expect(repeatTrace([0, 5000], 2)).toEqual([0, 5000, 604_800_000, 604_805_000]);
});
