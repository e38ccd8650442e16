import { describe, expect, test } from 'vitest';
import { printable } from './printable.ts';

describe('printable', () => {
  test.each([
    ['plain text', 'a\tb\nc', 'a\tb\nc'],
    ['colours', '\x1b[1;31mred\x1b[0m', '\x1b[1;31mred\x1b[0m'],
    ['a cleared screen', '\x1b[2J\x1b[Hx', 'x'],
    ['a moved cursor', 'a\x1b[10Ab', 'ab'],
    ['a window title', '\x1b]0;title\x07x', 'x'],
    ['a link', '\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\', 'text'],
    ['a title that never ends', 'x\x1b]0;title', 'x'],
    ['a bell and a backspace', 'a\x07b\x08c', 'abc'],
    ['a terminal reset', '\x1bcx', 'cx'],
    ['an old line that was written over', ' 10%\r 50%\r100%\nnext', '100%\nnext'],
    ['a Windows line end', 'a\r\nb\r', 'a\nb'],
    ['a C1 control in UTF-8', 'a\xc2\x9bb', 'ab'],
    [
      'a word in UTF-8',
      Buffer.from('größer €').toString('latin1'),
      Buffer.from('größer €').toString('latin1'),
    ],
  ])('%s', (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test('is quick on what was made to be slow', () => {
    const hostile = '\x1b]'.repeat(50_000) + '\r'.repeat(50_000) + '\x1b['.repeat(50_000);
    expect(printable(hostile)).not.toContain('\x1b]');
  });
});
