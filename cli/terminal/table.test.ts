import { expect, test } from 'vitest';
import { createStyle } from './style.ts';
import { formatTable } from './table.ts';

const ROWS = [
  ['1', '\x1b[32msuccess\x1b[39m', 'a b'],
  ['20', 'failure', 'tab\there'],
];

test('people get aligned columns under a header, colours or not', () => {
  const style = createStyle(false);
  expect(formatTable(['build', 'result', 'why'], ROWS, { isTerminal: true, style })).toBe(
    'BUILD  RESULT   WHY\n1      \x1b[32msuccess\x1b[39m  a b\n20     failure  tab\there\n',
  );
});

test('programs get one line a row, tabs between cells and nowhere else, and no header', () => {
  const style = createStyle(true);
  expect(formatTable(['build', 'result', 'why'], ROWS, { isTerminal: false, style })).toBe(
    '1\tsuccess\ta b\n20\tfailure\ttab here\n',
  );
});
