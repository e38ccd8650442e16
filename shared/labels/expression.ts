/** A parsed label expression: plain data that survives JSON. Parentheses are in its shape. */
export type LabelExpression = Atom | Not | Implies | Chain;

export interface Atom {
  readonly kind: 'atom';
  /** The label, without quotes and escapes. */
  readonly label: string;
}

export interface Not {
  readonly kind: 'not';
  readonly operand: LabelExpression;
}

export interface Implies {
  readonly kind: 'implies';
  readonly premise: LabelExpression;
  readonly conclusion: LabelExpression;
}

/**
 * Two or more operands joined by one operator. All three operators are associative, so that a flat chain means
 * what Jenkins' left-associative tree does: `a<->b<->c` is `(a<->b)<->c`, true when an odd number of the three is.
 */
export interface Chain {
  readonly kind: 'iff' | 'or' | 'and';
  readonly operands: readonly [LabelExpression, LabelExpression, ...LabelExpression[]];
}

/** How each binary operator is written; the loosest first. `!` binds tighter than all of them. */
export const OPERATORS = { iff: '<->', implies: '->', or: '||', and: '&&' } as const;

/** The direct parts of an expression, from left to right. */
export function operandsOf(expression: LabelExpression): readonly LabelExpression[] {
  switch (expression.kind) {
    case 'atom':
      return [];
    case 'not':
      return [expression.operand];
    case 'implies':
      return [expression.premise, expression.conclusion];
    case 'iff':
    case 'or':
    case 'and':
      return expression.operands;
  }
}
