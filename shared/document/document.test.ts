import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { duration } from '#shared/quantity';
import { type Check, formatProblem, parseDocument } from './index.ts';

const schema = z.strictObject({
  name: z.string().describe('What people call it.'),
  timeout: duration.optional(),
  shell: z.enum(['sh', 'bash']).optional(),
  needs: z.union([z.string(), z.array(z.string())]).optional(),
  checkout: z.union([z.literal(true), z.strictObject({ ref: z.string() })]).optional(),
  steps: z
    .array(z.strictObject({ run: z.string() }))
    .min(1)
    .optional(),
  list: z.array(z.unknown()).optional(),
  store: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('disk') }),
      z.strictObject({ kind: z.literal('memory') }),
    ])
    .optional(),
});

describe('what is refused, each at its place', () => {
  test.each([
    ['an empty file', '', ['1:1: the file is empty']],
    ['nothing but comments', '# hello\n', ['1:1: the file is empty']],
    ['a list', '- a\n', ['1:1: the file must be a mapping of keys to values, but it is a list']],
    ['a missing key', 'shell: sh\n', ['1:1: "name" is missing (what people call it)']],
    ['a key without a value', 'name: x\nsteps:\n', ['2:1: "steps" has no value (it must be a list)']],
    ['a misspelt key', 'name: x\nstesp: []\n', ['2:1: unknown key "stesp" (did you mean "steps"?)']],
    [
      'a duplicate key',
      'name: x\nname: y\n',
      ['2:1: the key "name" is here twice (it is already on line 1; keep one of them)'],
    ],
    [
      'a number for text',
      'name: 1.10\n',
      ['1:7: "name" must be text, but it is the number 1.1 (put it in quotes: "1.10")'],
    ],
    [
      'an option of a union that there is not',
      'name: x\nstore: { kind: dsik }\n',
      ['2:16: "kind" must be disk or memory, but it is "dsik" (did you mean "disk"?)'],
    ],
    [
      'a wrong kind for a union',
      'name: x\nneeds: 4\n',
      ['2:8: "needs" must be text or a list, but it is the number 4 (put it in quotes: "4")'],
    ],
    [
      'a mistake inside a union',
      'name: x\ncheckout: { reff: a }\n',
      ['2:1: "ref" is missing in "checkout"', '2:13: unknown key "reff" in "checkout" (did you mean "ref"?)'],
    ],
    [
      'a wrong item',
      'name: x\nneeds: [a, 4]\n',
      ['2:12: item 2 of "needs" must be text, but it is the number 4 (put it in quotes: "4")'],
    ],
    [
      'a merge key',
      'name: x\nlist:\n  - <<: {}\n',
      ['3:5: merge keys (<<) are not supported (write the keys out, or use an alias for the whole mapping)'],
    ],
    [
      'an alias inside what it names',
      'name: x\nlist: &a [*a]\n',
      ['2:11: the alias *a stands inside what it names'],
    ],
    [
      'an alias of nothing',
      'name: *x\n',
      ['1:7: no anchor &x stands before this alias (put a text that begins with "*" in quotes)'],
    ],
    [
      'an unquoted negation',
      'name: !windows\n',
      ['1:7: the tag !windows is not supported (delete it; put a text that begins with "!" in quotes)'],
    ],
    [
      'a tab',
      'name: x\nsteps:\n\t- run: y\n',
      ['3:1: a tab is used for indentation (YAML allows only spaces there)'],
    ],
    ['a NUL byte', 'name: \0', ['1:7: there is a NUL byte here (is this a text file, saved as UTF-8?)']],
    ['a key that is a list', 'name: x\n? [a]\n: b\n', ['2:3: a key must be text, not a list or a mapping']],
    ['a dangerous key', 'name: x\n__proto__: {}\n', ['2:1: the key "__proto__" is not allowed']],
    [
      'YAML 1.1',
      '%YAML 1.1\n---\nname: x\n',
      ['1:1: the directive %YAML 1.1 is not supported (delete the line; the file is read as YAML 1.2)'],
    ],
    [
      'a second document',
      'name: x\n---\nname: y\n',
      ['2:1: a second document begins here (one file is one document: delete the "---", or split the file)'],
    ],
    [
      'a column after a wide character',
      '{ name: "😀", shel: x }',
      ['1:14: unknown key "shel" (did you mean "shell"?)'],
    ],
    [
      'a column after a byte order mark',
      '\uFEFFname: x\r\nshel: y\r\n',
      ['2:1: unknown key "shel" (did you mean "shell"?)'],
    ],
  ])('%s', (_, source, expected) => {
    expect(problemsOf(source)).toEqual(expected);
  });
});

test('mistakes of YAML, of the schema and of a check show together, in the order of the file', () => {
  const source = 'name: "\\d"\ntimeout: 90\nshell: bsh\nshell: sh\nlist: [*x]\n';
  expect(problemsOf(source, refuseShell)).toEqual([
    '1:8: \\d is not an escape in double quotes (write \\\\ for a backslash, or use single quotes)',
    '2:10: 90 has no unit; write 90s for seconds, or 90m for minutes',
    '3:8: "shell" must be sh or bash, but it is "bsh" (did you mean "bash"?)',
    '3:8: no shell today',
    '4:1: the key "shell" is here twice (it is already on line 3; keep one of them)',
    '5:8: no anchor &x stands before this alias (put a text that begins with "*" in quotes)',
  ]);
});

test('after a mistake that breaks the structure, the rest is not judged, and what stands before it is', () => {
  expect(problemsOf('shel: x\nname: "abc\nsteps: 5\n')).toEqual([
    '1:1: unknown key "shel" (did you mean "shell"?)',
    '2:7: the quote that opens here is never closed (a quote inside single quotes is written twice, inside double quotes as \\")',
  ]);
});

test('a lonely exclamation mark is no tag that vanishes', () => {
  expect(problemsOf('name: ! arm\n')).toEqual(["1:9: a text can't begin with ! (put it in quotes)"]);
  expect(problemsOf('!')).toEqual(["1:2: a text can't begin with ! (put it in quotes)"]);
});

describe('limits', () => {
  test.each([
    ['a large file', 'a'.repeat(10 * 1024 * 1024), 'the file is larger than 1 MiB'],
    ['a file of many bytes and fewer characters', '€'.repeat(400_000), 'the file is larger than 1 MiB'],
    [
      'a billion laughs',
      `name: x\nlist:\n  - &a0 [x]\n${laughs(9)}`,
      'the file holds more than 100000 values up to here',
    ],
    [
      'deep nesting',
      `list: ${'['.repeat(70)}${']'.repeat(70)}`,
      'mappings and lists are nested deeper than 64 levels',
    ],
    [
      'nesting deeper than any stack',
      '['.repeat(150_000),
      'mappings and lists are nested deeper than 64 levels',
    ],
    ['a flood of tokens', `list: [${'1,'.repeat(300_000)}]`, 'the file holds too much up to here'],
  ])('%s', (_, source, message) => {
    const parsed = parseDocument({ source, file: 'f', schema });
    expect(parsed).toMatchObject({ ok: false, problems: [{ message, code: 'limit' }] });
  });

  test('a hundred problems are enough', () => {
    const problems = problemsOf(Array.from({ length: 150 }, (_, i) => `x${i}: y\n`).join(''));
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toBe('100:1: 51 more problems from here on are not shown');
  });
});

describe('positions inside values', () => {
  test.each([
    ['plain', 'name: abc@d', '1:10'],
    ['single quotes', "name: 'a''c@d'", '1:12'],
    ['double quotes', 'name: "\\u0061\\tc@d"', '1:17'],
    ['a literal block', 'name: |\n  abc\n\n   x@d\n', '4:5'],
    ['a literal block with a number', 'name: |2\n    x@d\n', '2:6'],
    ['folded text, where lines are lost', 'name: >\n  abc\n  x@d\n', '1:7'],
    ['an alias', 'list: [&a x@d]\nname: *a', '2:7'],
  ])('%s', (_, source, expected) => {
    expect(problemsOf(source, findAt)).toEqual([`${expected}: here`]);
  });
});

test('a document without problems gives the value, and where everything in it stands', () => {
  const parsed = parseDocument({
    source: 'name: x\r\nsteps:\r\n  - run: |\r\n      a\r\n      b\r\n',
    file: 'f',
    schema,
  });
  expect(parsed).toMatchObject({ ok: true, value: { name: 'x', steps: [{ run: 'a\nb\n' }] } });
  if (!parsed.ok) return;
  expect(parsed.document.positionOf(['steps', 0, 'run'])).toEqual({ line: 3, column: 10 });
  expect(parsed.document.positionOf(['steps', 0, 'run'], { at: 'key' })).toEqual({ line: 3, column: 5 });
  expect(parsed.document.positionOf(['steps', 7])).toEqual({ line: 2, column: 1 });
  expect(parsed.document.textOf(['name'])).toBe('x');
});

const refuseShell: Check = (_, report) => report(['shell'], 'no shell today');

const findAt: Check = ({ value }, report) => {
  const { name } = z.object({ name: z.string() }).parse(value);
  report(['name'], 'here', { index: name.indexOf('@') });
};

function problemsOf(source: string, check?: Check): string[] {
  const parsed = parseDocument({ source, file: '', schema, ...(check && { check }) });
  return parsed.ok ? [] : parsed.problems.map((problem) => formatProblem(problem).slice(1));
}

function laughs(levels: number): string {
  return Array.from({ length: levels }, (_, i) => `  - &a${i + 1} [${`*a${i},`.repeat(10)}]\n`).join('');
}

describe('warnings', () => {
  const source = `name: x\nlist:\n${'  - y\n'.repeat(150)}`;
  test('do not stop a document', () => {
    const parsed = parseDocument({ source, file: 'f', schema, check: warnOfItems });
    expect(parsed.ok).toBe(true);
    const [first] = parsed.ok ? parsed.warnings : [];
    expect(first === undefined ? '' : formatProblem(first)).toBe('f:3:5: warning: hm');
  });

  test('push out no error', () => {
    const parsed = parseDocument({ source: `${source}nmae: x\n`, file: 'f', schema, check: warnOfItems });
    expect(parsed).toMatchObject({ ok: false, problems: [{ message: 'unknown key "nmae"' }] });
  });
});

function warnOfItems(_document: unknown, report: Parameters<Check>[1]): void {
  for (let index = 0; index < 150; index += 1) report(['list', index], 'hm', { severity: 'warning' });
}
