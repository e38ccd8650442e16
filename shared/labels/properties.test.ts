import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FootmanError } from '#shared/errors';
import {
  atomsOf,
  explain,
  format,
  matches,
  parseLabelExpression,
  parseLabels,
  sentenceOf,
  type LabelExpression,
} from '#shared/labels';

const KNOWN = ['a', 'b', 'c', 'x-', '-', 'has space'];

const awkwardLabel = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    '-',
    '>',
    '<',
    '&',
    '|',
    '!',
    '(',
    ')',
    '"',
    "'",
    '\\',
    ' ',
    '\t',
    '\n',
    '\r',
    '\b',
    '\f',
    '.',
    'ä',
    '😀',
  ),
  minLength: 1,
  maxLength: 8,
});

function expressions(label: fc.Arbitrary<string>): fc.Arbitrary<LabelExpression> {
  const { expression } = fc.letrec<{ expression: LabelExpression }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.record({ kind: fc.constant('atom' as const), label }),
      fc.record({ kind: fc.constant('not' as const), operand: tie('expression') }),
      fc.record({
        kind: fc.constant('implies' as const),
        premise: tie('expression'),
        conclusion: tie('expression'),
      }),
      fc.record({
        kind: fc.constantFrom('iff' as const, 'or' as const, 'and' as const),
        operands: fc.oneof(
          fc.tuple(tie('expression'), tie('expression')),
          fc.tuple(tie('expression'), tie('expression'), tie('expression')),
        ),
      }),
    ),
  }));
  return expression.filter((each) => sizeOf(each) <= 128);
}

const labelSets = fc.uniqueArray(fc.constantFrom(...KNOWN)).map((labels) => new Set(labels));

describe('any expression', () => {
  test('is read back as it was from its canonical text', () => {
    fc.assert(
      fc.property(expressions(awkwardLabel), (expression) => {
        expect(parseLabelExpression(format(expression))).toEqual(expression);
      }),
      { numRuns: 500 },
    );
  });

  test('has no parentheses in its canonical text that could be left out', () => {
    fc.assert(
      fc.property(expressions(fc.constantFrom('a', 'b')), (expression) => {
        const text = format(expression);
        for (const shorter of withoutOnePair(text))
          expect(unlessInvalid(() => parseLabelExpression(shorter))).not.toEqual(expression);
      }),
    );
  });

  test('matches where a naive evaluator says so', () => {
    fc.assert(
      fc.property(expressions(fc.constantFrom(...KNOWN)), labelSets, (expression, labels) => {
        expect(matches(expression, labels)).toBe(naive(format(expression), labels));
      }),
      { numRuns: 500 },
    );
  });

  test('is explained by labels that really decide: no other label changes the outcome', () => {
    fc.assert(
      fc.property(
        expressions(fc.constantFrom(...KNOWN)),
        labelSets,
        labelSets,
        (expression, labels, others) => {
          const { value, present, absent } = explain(expression, labels);
          const changed = new Set(present).union(others.difference(new Set(absent)));
          expect(value).toBe(matches(expression, labels));
          expect(matches(expression, changed)).toBe(value);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('has a sentence of one line, and names its labels', () => {
    fc.assert(
      fc.property(expressions(awkwardLabel), labelSets, (expression, labels) => {
        const explanation = explain(expression, labels);
        expect(sentenceOf(explanation)).not.toMatch(/[\n\r\t]/);
        for (const label of [...explanation.present, ...explanation.absent]) {
          expect(atomsOf(expression)).toContain(label);
        }
      }),
    );
  });
});

describe('any text', () => {
  const garbage = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          'b-',
          '"',
          '"c d"',
          '\\',
          '!',
          '&&',
          '||',
          '->',
          '<->',
          '-',
          '<',
          '&',
          '(',
          ')',
          ' ',
          '\n',
        ),
      )
      .map((pieces) => pieces.join('')),
  );

  test('is an expression that its own canonical text gives back, or an error for a reader', () => {
    fc.assert(
      fc.property(garbage, (source) => {
        const expression = unlessInvalid(() => parseLabelExpression(source));
        const again = expression && parseLabelExpression(format(expression));
        expect(again).toEqual(expression);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is a list of labels, or an error for a reader', () => {
    fc.assert(
      fc.property(garbage, (source) => {
        expect(unlessInvalid(() => parseLabels(source)) ?? []).not.toContain('');
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Nothing where the text is refused with an error for a reader; any other error is thrown on. */
function unlessInvalid<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FootmanError && error.code === 'label-invalid') return undefined;
    throw error;
  }
}

function sizeOf(expression: LabelExpression): number {
  return JSON.stringify(expression).split('"atom"').length - 1;
}

/** The text without each of its pairs of parentheses in turn. */
function withoutOnePair(text: string): string[] {
  const open: number[] = [];
  const results: string[] = [];
  for (const [at, character] of text.split('').entries()) {
    if (character === '(') open.push(at);
    if (character !== ')') continue;
    const from = open.pop() ?? 0;
    results.push(`${text.slice(0, from)} ${text.slice(from + 1, at)} ${text.slice(at + 1)}`);
  }
  return results;
}

/**
 * Evaluates canonical text without a tree: labels become T and F, and rewriting does the rest, the tightest operator
 * first, from left to right, as Jenkins' grammar prescribes.
 */
function naive(text: string, labels: ReadonlySet<string>): boolean {
  let rest = text
    .replaceAll(/"([^"]*)"|((?:[^ &|!<>()"-]|-(?!>))+)/g, (_, quoted?: string, plain?: string) =>
      labels.has(quoted ?? plain ?? '') ? 'T' : 'F',
    )
    .replaceAll(' ', '');
  const rules: [RegExp, (match: string) => string][] = [
    [/\([TF]\)/, (match) => match.charAt(1)],
    [/![TF]/, (match) => (match === '!T' ? 'F' : 'T')],
    [/[TF]&&[TF]/, (match) => (match === 'T&&T' ? 'T' : 'F')],
    [/(?<!&&)[TF]\|\|[TF](?!&&)/, (match) => (match === 'F||F' ? 'F' : 'T')],
    [/(?<!&&|\|\|)[TF]->[TF](?!&&|\|\|)/, (match) => (match === 'T->F' ? 'F' : 'T')],
    [/(?<!&&|\|\||(?<!<)->)[TF]<->[TF](?!&&|\|\||->)/, (match) => (match[0] === match.at(-1) ? 'T' : 'F')],
  ];
  while (rest.length > 1) {
    const rule = rules.find(([pattern]) => pattern.test(rest));
    if (rule === undefined) throw new Error(`stuck at ${rest}`);
    rest = rest.replace(rule[0], rule[1]);
  }
  return rest === 'T';
}
