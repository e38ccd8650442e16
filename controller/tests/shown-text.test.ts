import { expect, test } from 'vitest';
import { createTextMask } from '#shared/masking';
import { createShownText } from './shown-text.ts';

const SECRET = 'hunter2-hunter2';

function shownText(room = 1_000_000) {
  return createShownText(createTextMask([SECRET]), room);
}

test('colours and control characters are gone, line ends are of one kind, tabs stay', () => {
  expect(shownText().output('\u001b[31mred\u001b[0m\r\n\ta\u0000\u0007b\rc\u009b1m')).toBe('red\n\tab\nc');
});

test('L17: secrets are masked, also where colours part them', () => {
  const shown = shownText();
  expect(shown.name(`a ${SECRET}`, 100)).toBe('a ***');
  expect(shown.message(`\u001b[1mhunter2\u001b[0m-hunter2`)).toBe('***');
  expect(shown.output(Buffer.from(SECRET).toString('base64'))).toBe('***');
});

test('L17: no part of a secret is left where a text is cut, here or by the reader of the report', () => {
  const shown = shownText();
  expect(shown.message(`${'x'.repeat(995)}${SECRET}`)).not.toContain('hunt');
  const limit = 1024 * 1024;
  for (const text of [
    `${'x'.repeat(limit - 7)}${SECRET}`.slice(0, limit),
    `${'x'.repeat(limit / 2 - 7)}${SECRET}`,
  ]) {
    expect(shown.output(text)).not.toContain('hunt');
  }
});

test('names are of one line, and cut where they are long', () => {
  expect(shownText().name(' a\n  b\tc ', 100)).toBe('a b c');
  expect(shownText().name('x'.repeat(200), 100)).toBe(`${'x'.repeat(99)}…`);
});

test('of a long output its beginning and its end are shown, and how much is missing', () => {
  const output = shownText().output(`begin${'x'.repeat(100_000)}end`) ?? '';
  expect(output).toMatch(/^begin.*\n\[left out: 34472 characters\]\n.*end$/s);
});

test('nothing is null', () => {
  expect([shownText().output(' \n'), shownText().message('')]).toEqual([null, null]);
});

test('when the room is used up, that is said', () => {
  const shown = shownText(5);
  expect(shown.output('12345')).toBe('12345');
  expect(shown.output('6')).toMatch(/^\[left out: /);
});
