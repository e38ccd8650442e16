import { expect, test } from 'vitest';
import { formatProblems } from './problems.ts';
import { createStyle } from './terminal/index.ts';

const PROBLEM = {
  file: 'a.yaml',
  line: 2,
  column: 4,
  message: 'unknown key "stepz"',
  hint: 'did you mean steps?',
};
const SOURCE = 'jobs:\n\t😀 stepz: 1\n';
const style = createStyle(false);

test('a line each, as editors read them', () => {
  expect(formatProblems([PROBLEM, { ...PROBLEM, line: 9 }], SOURCE, { style, excerpts: false })).toBe(
    'a.yaml:2:4: unknown key "stepz" (did you mean steps?)\na.yaml:9:4: unknown key "stepz" (did you mean steps?)\n',
  );
});

test('with the line and a mark under the place, whatever stands before it', () => {
  expect(formatProblems([PROBLEM], SOURCE, { style, excerpts: true })).toBe(
    'a.yaml:2:4: unknown key "stepz" (did you mean steps?)\n  2 | \t😀 stepz: 1\n    | \t  ^\n',
  );
});

test('a place past the end of the file has no line to show', () => {
  expect(formatProblems([{ ...PROBLEM, line: 9 }], SOURCE, { style, excerpts: true })).toMatch(
    /^a\.yaml:9:4: [^\n]*\n$/,
  );
});
