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

test.each([true, false])(
  'nothing that a stranger wrote moves the cursor or sets a title (terminal: %s)',
  (isTerminal) => {
    const style = createStyle(false);
    const cells = [
      '\x1b]0;mine\x07',
      'a\x1b[2J\x1b[1;1Hb',
      'c\r\nd',
      '\x9b2Je\x08\x08',
      '\x1bc\x1b]52;c;AAAA\x1b\\',
    ];
    const text = formatTable(['a', 'b', 'c', 'd', 'e'], [cells], { isTerminal, style });
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    expect(text).toContain('c d');
  },
);
