import { describe, expect, test } from 'vitest';
import { clashOf, linkProblem, pathProblem, quoted } from './path-problem.ts';

describe('a path', () => {
  test.each([
    'report.xml',
    'a/b/c',
    '.hidden/..two',
    'straße/日本語.txt',
    'log 12:30.txt',
    'console.log',
    'company1.txt',
    'e\u0301te',
  ])('%s is fine', (path) => {
    expect(pathProblem(path)).toBeUndefined();
  });

  test.each([
    ['a bell', 'a\u0007b', 'nobody sees'],
    ['a line break', 'a\nb', 'nobody sees'],
    ['text that runs the other way', 'evil\u202etxt.exe', 'nobody sees'],
    ['a space without width', 'a\u200b', 'nobody sees'],
    ['half of a pair', 'a\ud800', 'nobody sees'],
    ['dots that only look like others', '\uff0e\uff0e/etc/passwd', 'leads out'],
    ['two dots in one', 'a/\u2025/b', 'leads out'],
    ['a slash that is none', 'a\u2215b', 'slash'],
    ['a backslash that is none', '..\uff3cb', 'slash'],
    ['a device', 'out/NUL', 'device'],
    ['a device with an ending', 'aux.c', 'device'],
    ['a port', 'com1', 'device'],
    ['a dot at its end', 'a./b', 'dot or a space'],
    ['a space at its end', 'a ', 'dot or a space'],
    ['a drive', 'C:/Windows', 'drive'],
  ])('with %s is not', (_, path, why) => {
    expect(pathProblem(path)).toContain(why);
  });
});

describe('a link', () => {
  test.each([
    ['lib.so', 'lib.so.1'],
    ['a/b/current', '../../c'],
    ['a/b', './../y'],
  ])('%s to %s is fine', (path, target) => {
    expect(linkProblem(path, target)).toBeUndefined();
  });

  test.each([
    ['link', '..'],
    ['a/link', '../../etc'],
    ['a/link', 'x/../../../etc'],
    // Where `up` is a link to the folder of the artifact itself.
    ['a/link', '../b/up/../../etc'],
  ])('%s to %s leads out', (path, target) => {
    expect(linkProblem(path, target)).toContain('leads out');
  });
});

describe('two paths', () => {
  test('that differ in case, or in width, are two', () => {
    expect(clashOf(['README', 'readme', 'a', '\uff41', 'a.b/c'])).toBeUndefined();
  });

  test('that are one in two spellings are refused, with both in plain letters', () => {
    expect(clashOf(['\u00e9t', 'e\u0301t'])).toBe(
      String.raw`"\u{e9}t" and "e\u{301}t" are one name in two spellings`,
    );
  });

  test('of which one is the folder of the other are refused', () => {
    expect(clashOf(['a/b/c', 'a/b'])).toBe('"a/b" is a file, and the folder of "a/b/c"');
  });
});

test('a quoted name can trick no terminal', () => {
  expect(quoted('a"\u001b[31m\u202e')).toBe(String.raw`"a\"\u001b[31m\u{202e}"`);
});
