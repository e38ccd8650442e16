import { describe, expect, test } from 'vitest';
import { FootmanError } from '#shared/errors';
import {
  format,
  parseLabelExpression,
  tryParseLabelExpression,
  type LabelExpression,
  type LabelProblem,
} from '#shared/labels';

/** The tree, fully parenthesised. */
function shape(expression: LabelExpression): string {
  switch (expression.kind) {
    case 'atom':
      return expression.label;
    case 'not':
      return `not(${shape(expression.operand)})`;
    case 'implies':
      return `implies(${shape(expression.premise)}, ${shape(expression.conclusion)})`;
    case 'iff':
    case 'or':
    case 'and':
      return `${expression.kind}(${expression.operands.map(shape).join(', ')})`;
  }
}

describe('what Jenkins accepts, read as Jenkins reads it', () => {
  test.each([
    ['foo', 'foo'],
    ['32bit.dot', '32bit.dot'],
    ['solaris-x86', 'solaris-x86'],
    ['foo || bar', 'or(foo, bar)'],
    ['foo||bar&&zot', 'or(foo, and(bar, zot))'],
    ['foo||(bar&&zot)', 'or(foo, and(bar, zot))'],
    ['(foo||bar)&&zot', 'and(or(foo, bar), zot)'],
    ['foo ->\tbar', 'implies(foo, bar)'],
    ['!foo <-> bar', 'iff(not(foo), bar)'],
    ['aaa&&bbb&&ccc', 'and(aaa, bbb, ccc)'],
    ['a<->b<->c', 'iff(a, b, c)'],
    ['a<->b->c||d&&!e', 'iff(a, implies(b, or(c, and(d, not(e)))))'],
    ['!a&&b||c->d<->e', 'iff(implies(or(and(not(a), b), c), d), e)'],
    ['a->b<->c->d', 'iff(implies(a, b), implies(c, d))'],
    ['(a->b)->c', 'implies(implies(a, b), c)'],
    ['a->(b->c)', 'implies(a, implies(b, c))'],
    ['a&&(b&&c)', 'and(a, and(b, c))'],
    ['!(a||b)', 'not(or(a, b))'],
    ['!(!a)', 'not(not(a))'],
    ['((a))', 'a'],
    [' ( a ) ', 'a'],
  ])('%s', (source, tree) => {
    expect(shape(parseLabelExpression(source))).toBe(tree);
  });

  test.each([
    ['a hyphen inside', 'a-b', 'a-b'],
    ['a hyphen at the end', 'a- && b', 'and(a-, b)'],
    ['nothing but a hyphen', '-', '-'],
    ['an arrow without spaces', 'x->y', 'implies(x, y)'],
    ['a hyphen before an arrow', 'x-->y', 'implies(x-, y)'],
    ['an equivalence without spaces', 'x<->y', 'iff(x, y)'],
    ['a hyphen after an arrow', 'x->-y', 'implies(x, -y)'],
    [
      'other punctuation',
      'a:b/c@d#e$f%g^h*i?j=k+l~m{n}[o];p,q.r\\s',
      'a:b/c@d#e$f%g^h*i?j=k+l~m{n}[o];p,q.r\\s',
    ],
    ['any script', 'größe && 東京', 'and(größe, 東京)'],
    ['words that are operators elsewhere', 'and && or', 'and(and, or)'],
    ['line breaks, as YAML blocks have them', 'linux\r\n  && docker\n', 'and(linux, docker)'],
  ])('labels: %s', (_, source, tree) => {
    expect(shape(parseLabelExpression(source))).toBe(tree);
  });

  test.each([
    ['spaces and operators', '"label1||label2 (Solaris 10)"', 'label1||label2 (Solaris 10)'],
    ['a quote and a backslash', String.raw`"abc\\\"def"`, String.raw`abc\"def`],
    ['the other escapes', String.raw`"\b\t\n\f\r\'"`, "\b\t\n\f\r'"],
    ['a tab as it is', '"a\tb"', 'a\tb'],
    ['a quote of the other kind', `"it's"`, "it's"],
  ])('quoted labels: %s', (_, source, label) => {
    expect(parseLabelExpression(source)).toEqual({ kind: 'atom', label });
  });

  test('quoting makes no difference to a label that needs none', () => {
    expect(parseLabelExpression('"a"&&"b"')).toEqual(parseLabelExpression('a && b'));
  });
});

describe('problems', () => {
  test.each([
    ['', 0, 'the expression is empty', 'name a label'],
    [' \t\n', 0, 'the expression is empty', 'name a label'],
    ['a & b', 2, '`&` is not an operator', '`&&`'],
    ['a &&& b', 4, '`&` is not an operator', '`&&`'],
    ['a | b', 2, '`|` is not an operator', '`||`'],
    ['a <- b', 2, '`<` is not an operator', '`<->`'],
    ['a => b', 2, 'an operator is missing before `=`', '`&&` for both'],
    ['a == b', 2, 'an operator is missing before `==`', '`<->`'],
    ['a -> b implies c', 7, 'an operator is missing before `implies`', '`->`'],
    ['a > b', 2, '`>` is not an operator', '`->`'],
    ['a and b', 2, 'an operator is missing before `and`', '`&&`'],
    ['a OR b', 2, 'an operator is missing before `OR`', '`||`'],
    ['a && not b', 9, 'an operator is missing before `b`', '`!b`'],
    ['a !b', 2, 'an operator is missing before `!`', '`&& !`'],
    ['foo bar', 4, 'an operator is missing before `bar`', '`foo && bar`, or the one label `"foo bar"`?'],
    ['foo, bar', 5, 'an operator is missing before `bar`', 'did you mean `foo && bar`?'],
    ['foo (bar)', 4, 'an operator is missing before `(`', '`&&` for both'],
    ['(a b', 3, 'an operator is missing before `b`', '`a && b`'],
    ['a && (b || (c)', 14, 'the `(` of column 6 is never closed', '`)`'],
    ['a)', 1, 'this `)` closes nothing', 'remove'],
    ['()', 1, 'a label is missing after `(`: found `)`', ''],
    ['&& a', 0, 'a label is missing at the beginning: found `&&`', ''],
    ['a && ', 5, 'a label is missing after `&&`: the expression ends', ''],
    ['!', 1, 'a label is missing after `!`: the expression ends', ''],
    ['!!a', 1, "`!` can't be doubled", '`!(!label)`'],
    ['a->b->c', 4, "`->` can't be chained", '`a -> (b -> c)`'],
    ["'a b'", 0, 'a label is quoted by `"`, not by `\'`', '`"`'],
    ['a && "b c', 5, 'this quote is never closed', '`"`'],
    ['"a\nb"', 2, "a quoted label can't go on in the next line", String.raw`\n`],
    [String.raw`"C:\dir"`, 3, 'this backslash escapes nothing', String.raw`\\`],
    [String.raw`"a\"`, 0, 'this quote is never closed', '`"`'],
    ['"', 0, 'this quote is never closed', '`"`'],
    ['a || ""', 5, "a label can't be empty", ''],
    ['a\u00a0&& b', 1, "the invisible character U+00A0 can't be part of a label", 'space'],
    ['a\u200bb', 1, "the invisible character U+200B can't be part of a label", 'remove'],
    ['a\ud800', 1, "the invisible character U+D800 can't be part of a label", 'remove'],
    ['"a\u001b[2J"', 2, "the invisible character U+001B can't be part of a label", 'remove'],
    ['"a\u202eb"', 2, "the invisible character U+202E can't be part of a label", 'remove'],
  ])('%j', (source, offset, message, hint) => {
    const problem = problemOf(source);
    expect(problem).toMatchObject({ offset, message });
    expect(problem.hint ?? '').toContain(hint);
  });

  test('of several, the first is reported', () => {
    expect(tryParseLabelExpression('a b & "')).toMatchObject({ problem: { offset: 2 } });
  });

  test('reach a reader as an error with column and hint', () => {
    const error = thrownBy(() => parseLabelExpression('linux & docker'));
    expect(error).toBeInstanceOf(FootmanError);
    expect(error).toMatchObject({
      code: 'label-invalid',
      message: 'label expression, column 7: `&` is not an operator',
      hint: 'did you mean `&&`?',
    });
  });
});

describe('limits', () => {
  test.each([
    ['length of a label', 'a'.repeat(128), 'a'.repeat(129), 'at most 128 characters; this one has 129'],
    ['length of a quoted label', `"${'a'.repeat(128)}"`, `"${'a'.repeat(129)}"`, 'at most 128 characters'],
    ['number of labels', chain(128), chain(129), 'at most 128 labels'],
    ['nesting', nested(32), nested(33), 'at most 32 deep'],
    ['length', `a${' '.repeat(65_535)}`, `a${' '.repeat(65_536)}`, 'at most 65536'],
  ])('%s', (_, allowed, refused, message) => {
    expect(tryParseLabelExpression(allowed)).toMatchObject({ ok: true });
    expect(problemOf(refused).message).toContain(message);
  });

  test('parentheses side by side are not nested', () => {
    expect(tryParseLabelExpression(Array(100).fill('(a)').join('&&'))).toMatchObject({ ok: true });
  });

  test.each(['(', '!(', 'a->(', 'a&&', '"', '\\', '-', '<', 'a', '"\\"'])(
    'no flood of %s exhausts the stack',
    (piece) => {
      for (const length of [60_000, 10_000_000]) {
        expect(tryParseLabelExpression(piece.repeat(length / piece.length))).toMatchObject({ ok: false });
      }
    },
  );
});

function problemOf(source: string): LabelProblem {
  const parsed = tryParseLabelExpression(source);
  if (parsed.ok) throw new Error(`parsed as ${format(parsed.expression)}`);
  return parsed.problem;
}

function chain(length: number): string {
  return Array(length).fill('a').join('<->');
}

function nested(depth: number): string {
  return `${'('.repeat(depth)}a${')'.repeat(depth)}`;
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
