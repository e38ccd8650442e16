import { expect, test } from 'vitest';
import type { Problem } from '#shared/document';
import { createStyle } from '../terminal/index.ts';
import { formatProblems } from './problems.ts';

const PROBLEM: Problem = {
  file: 'a.yaml',
  line: 2,
  column: 4,
  message: 'unknown key "stepz"',
  hint: 'did you mean steps?',
};
const SOURCE = 'jobs:\n\t😀 stepz: 1\n';
const style = createStyle(false);
const textOf = (file: string): string | undefined => (file === 'a.yaml' ? SOURCE : undefined);

test('a line each, as editors read them', () => {
  expect(formatProblems([PROBLEM, { ...PROBLEM, line: 9 }], { style })).toBe(
    'a.yaml:2:4: unknown key "stepz" (did you mean steps?)\na.yaml:9:4: unknown key "stepz" (did you mean steps?)\n',
  );
});

test('a warning says that it is one', () => {
  expect(formatProblems([{ ...PROBLEM, severity: 'warning' }], { style })).toBe(
    'a.yaml:2:4: warning: unknown key "stepz" (did you mean steps?)\n',
  );
});

test('with the line and a mark under the place, whatever stands before it', () => {
  expect(formatProblems([PROBLEM], { style, textOf })).toBe(
    'a.yaml:2:4: unknown key "stepz" (did you mean steps?)\n  2 | \t😀 stepz: 1\n    | \t  ^\n',
  );
});

test('a place past the end of its file, or in a file that nobody has, has no line to show', () => {
  for (const other of [
    { ...PROBLEM, line: 9 },
    { ...PROBLEM, file: 'b.yaml' },
  ]) {
    expect(formatProblems([other], { style, textOf })).toMatch(/^[ab]\.yaml:\d:4: [^\n]*\n(?!.*\|)/);
  }
});
