import { describe, expect, test } from 'vitest';
import { checkCondition, checkTemplate, type ExpressionProblem, type Place } from '#shared/expressions';

const STEP: Place = { contexts: ['build', 'env', 'needs', 'steps'], functions: ['hashFiles'] };
const CONDITION: Place = {
  contexts: ['build', 'env', 'needs'],
  functions: ['success', 'failure', 'always', 'cancelled'],
};

describe('checkTemplate finds nothing wrong with', () => {
  test.each([
    ['', 'no expression'],
    ['}} $ { {{ ${ }', 'braces'],
    ["${{ build.branch }} isn't it", 'an apostrophe outside'],
    ["${{ '}}' }}", 'a closing mark in quotes'],
    ["${{ '${{' }}", 'an opening mark in quotes'],
    ["${{ format('it''s {0}', build.branch) }}", 'doubled quotes'],
    ['${{ BUILD.Branch }}', 'another letter case'],
    ['${{\n  build.branch\t== env.A\n}}', 'line breaks'],
    ["${{ needs.*.result[0] && steps['a b'].outputs.c }}", 'filters and brackets'],
    ["${{ hashFiles('a', 'b') }}", 'a function of the place'],
    ["${{ case(build.branch == 'main', 1, 2) }}", 'case'],
    ['${{ -1.5e3 < 0x1F && !(true || null) }}', 'literals'],
  ])('%j: %s', (text) => {
    expect(checkTemplate(text, STEP)).toEqual([]);
  });
});

describe('checkTemplate', () => {
  // ^ marks the place of the problem in the line above.
  test.each([
    ['a ${{ build.x', '  ^', 'this `${{` is never closed', 'close it'],
    ['a ${{ build.x } b', '  ^', 'this `${{` is never closed', 'close it'],
    ["${{ build.x it's", '^', 'this `${{` is never closed', 'close it'],
    ["${{ 'a }}", '    ^', 'this quote is never closed', "''"],
    ['ab ${{ }}', '      ^', 'the expression is empty', 'build.branch'],
    ['${{ build.x == "a" }}', '               ^', '`"a"` can\'t stand in an expression', 'single quotes'],
    ['${{ build.x = 1 }}', '            ^', "`=` can't stand in an expression", '`==` compares'],
    ['${{ build & env }}', '          ^', "`&` can't stand in an expression", '`&&` means and'],
    ['${{ 1 + 2 }}', '      ^', "`+` can't stand in an expression", 'no arithmetic'],
    ['${{ env.A * 2 }}', '          ^', "`*` isn't expected here", 'no arithmetic'],
    ['${{ build env }}', '          ^', "`env` isn't expected here", 'operator'],
    ['${{ build.x == }}', '              ^', 'the expression ends where a value is missing', ''],
    ["\n${{ 'a\nb' == \n}}", '                ', 'the expression ends where a value is missing', ''],
    ['${{ contains(build, 1 }}', '            ^', 'this `(` is never closed', ''],
    ['${{ (1 }}', '    ^', 'this `(` is never closed', ''],
    ['${{ build[1 }}', '         ^', 'this `[` is never closed', ''],
    ['${{ build.x) }}', '           ^', "`)` isn't expected here", ''],
    ['${{ contains(1) }}', '    ^', 'contains() takes 2 arguments', ''],
    ['${{ toJson(1, 2) }}', '    ^', 'toJSON() takes 1 argument', ''],
    ['${{ case(true, 1, false, 2) }}', '    ^', 'case() takes conditions', ''],
    ['${{ bild.x }}', '    ^', 'there is no context `bild`', 'did you mean `build`?'],
    ['${{ github.ref }}', '    ^', 'there is no context `github`', 'did you mean `build`?'],
    ['${{ xyzzy.ref }}', '    ^', 'there is no context `xyzzy`', 'the contexts are build, parameters'],
    ['${{ build.branch == main }}', '                    ^', 'there is no context `main`', "'main'"],
    ['${{ True }}', '    ^', 'there is no context `True`', 'did you mean `true`?'],
    ['${{ contain(1, 2) }}', '    ^', 'there is no function contain()', 'did you mean contains()?'],
    ['${{ constructor(1) }}', '    ^', 'there is no function constructor()', 'the functions are'],
    ['${{ __proto__ }}', '    ^', 'there is no context `__proto__`', ''],
    ['${{ matrix.os }}', '    ^', "`matrix` can't be used here", 'here there is build, env, needs and steps'],
    ['${{ secrets.A }}', '    ^', "`secrets` can't be used here", "pass it through the step's env"],
    ['${{ success() }}', '    ^', "success() can't be called here", 'only in an `if`'],
  ])('%j', (text, mark, message, hint) => {
    const problems = checkTemplate(text, STEP);
    expect(problems).toHaveLength(1);
    expectProblem(problems[0], message, hint);
    if (mark.includes('^')) expect(problems[0]?.index).toBe(mark.indexOf('^'));
  });

  test('reports every expression, and every unknown name of one, in their order', () => {
    const text = '${{ bild.x || foo(matrix.a) }} ${{ 1 + }} ${{ env.A }} ${{';
    expect(checkTemplate(text, STEP).map(({ index }) => index)).toEqual([4, 14, 18, 37, 55]);
  });

  test.each([
    ['${{ secrets.TOKEN }}', 0],
    ["${{ Secrets['TOKEN'] }}", 0],
    ["${{ format('x {0}', secrets.TOKEN) }}", 0],
    ['${{ secrets }}', 1],
    ['${{ toJSON(secrets) }}', 1],
    ['${{ secrets.* }}', 1],
    ['${{ secrets[env.A] }}', 1],
    ["${{ secrets[format('A')] }}", 1],
    ["${{ secrets['A' == 'A'] }}", 1],
    ['${{ (secrets).A }}', 1],
  ])('a secret is used by its literal name alone: %s', (text, problems) => {
    expect(checkTemplate(text, { contexts: ['env', 'secrets'], functions: [] })).toHaveLength(problems);
  });

  test.each([
    ['length', `'${'a'.repeat(20_998)}'`, `'${'a'.repeat(20_999)}'`, '21001 characters'],
    ['comparisons', chain(257), chain(258), 'at most 256 comparisons'],
    ['nesting', nested(24), nested(60), 'nested more than 50 deep'],
  ])('has a limit for the %s', (_, allowed, refused, message) => {
    expect(checkTemplate(`\${{${allowed}}}`, STEP)).toEqual([]);
    expectProblem(checkTemplate(`\${{${refused}}}`, STEP)[0], message, '');
  });

  test.each(['${{', "${{'", '(', '${{ (', '${{ !', '${{ a[', "'", '${{ 1==', '${{ a }}', '${{ a(', '{{'])(
    'no flood of %s exhausts time or stack',
    (piece) => {
      expect(Array.isArray(checkTemplate(piece.repeat(131_072 / piece.length), STEP))).toBe(true);
    },
  );
});

describe('checkCondition', () => {
  test.each([
    "build.branch == 'main'",
    "${{ build.branch == 'main' }}",
    '  ${{ always() }}\n',
    "!cancelled() && contains('${{', build.branch)",
  ])('%j is right', (text) => {
    expect(checkCondition(text, CONDITION)).toEqual([]);
  });

  test.each([
    ['', 0, 'the expression is empty', ''],
    ['bild.x', 0, 'there is no context `bild`', 'did you mean `build`?'],
    [' ${{ bild.x }}', 5, 'there is no context `bild`', 'did you mean `build`?'],
    ['!${{ build.x }}', 1, "can't stand in an expression", 'leave out the inner'],
    ['${{ build.x }} && env.A', 14, 'more stands beside', 'inside one'],
    ['${{ build.x', 0, 'never closed', ''],
    ["hashFiles('a')", 0, "hashFiles() can't be called here", 'fields of steps'],
    ["env.A == 'x", 9, 'this quote is never closed', ''],
  ])('%j', (text, index, message, hint) => {
    const [problem, ...others] = checkCondition(text, CONDITION);
    expect(others).toEqual([]);
    expect(problem?.index).toBe(index);
    expectProblem(problem, message, hint);
  });
});

function expectProblem(problem: ExpressionProblem | undefined, message: string, hint: string): void {
  expect(problem?.message).toContain(message);
  expect(problem?.hint ?? '').toContain(hint);
}

function chain(length: number): string {
  return Array(length).fill('1').join('==');
}

function nested(depth: number): string {
  return `${'('.repeat(depth)}1${')'.repeat(depth)}`;
}
