import { describe, expect, test } from 'vitest';
import { createStyle, wantsColours } from './style.ts';

describe('wantsColours', () => {
  test.each([
    ['a terminal', { option: true, env: {}, isTerminal: true }, true],
    ['a pipe', { option: true, env: {}, isTerminal: false }, false],
    ['--no-color', { option: false, env: { FORCE_COLOR: '1' }, isTerminal: true }, false],
    ['NO_COLOR', { option: true, env: { NO_COLOR: '1' }, isTerminal: true }, false],
    ['an empty NO_COLOR', { option: true, env: { NO_COLOR: '' }, isTerminal: true }, true],
    ['FORCE_COLOR', { option: true, env: { FORCE_COLOR: '1' }, isTerminal: false }, true],
    ['FORCE_COLOR=0', { option: true, env: { FORCE_COLOR: '0' }, isTerminal: true }, false],
    ['a dumb terminal', { option: true, env: { TERM: 'dumb' }, isTerminal: true }, false],
  ])('%s', (_, wish, expected) => {
    expect(wantsColours(wish)).toBe(expected);
  });
});

test('without colours nothing is painted', () => {
  expect(createStyle(false).paint('red', 'x')).toBe('x');
  expect(createStyle(true).paint('red', 'x')).toBe('\x1b[31mx\x1b[39m');
});
