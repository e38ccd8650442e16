import { expect, test } from 'vitest';
import { splitWords } from './split-words.ts';

test.each([
  ['sh', ['sh']],
  ['  perl   -w {0} ', ['perl', '-w', '{0}']],
  [String.raw`a 'b c' "d e" f\ g`, ['a', 'b c', 'd e', 'f g']],
  [String.raw`'a\b' "c\"d\\e\f" g\\h`, [String.raw`a\b`, String.raw`c"d\e\f`, String.raw`g\h`]],
  [`a'b'"c"d`, ['abcd']],
  [`'' ""`, ['', '']],
  ['$HOME `id` *', ['$HOME', '`id`', '*']],
])('%s', (line, words) => {
  expect(splitWords(line)).toEqual({ ok: true, words });
});

test.each([
  [`perl -e 'x`, 8, "this quote ' is not closed"],
  ['bash "a', 5, 'this quote " is not closed'],
  [String.raw`bash "a\"`, 5, 'this quote " is not closed'],
  ['bash \\', 5, 'nothing follows this \\'],
])('%s is not finished', (line, index, message) => {
  expect(splitWords(line)).toEqual({ ok: false, index, message });
});
