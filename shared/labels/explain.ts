import { operandsOf, type LabelExpression } from './expression.ts';
import { format } from './format.ts';
import { matches } from './matches.ts';

/** Why an expression matches a set of labels, or doesn't: plain data that survives JSON. */
export interface Explanation {
  readonly kind: LabelExpression['kind'];
  /** The expression, as `format` writes it. */
  readonly text: string;
  readonly value: boolean;
  /** Labels that decide the value by being there: if it is false, they are those forbidden. */
  readonly present: readonly string[];
  /** Labels that decide the value by not being there: if it is false, they are those missing. */
  readonly absent: readonly string[];
  /** One for each operand, from left to right; none for an atom. */
  readonly children: readonly Explanation[];
}

/** Explains why the expression matches a template that carries exactly these labels, or why it doesn't. */
export function explain(expression: LabelExpression, labels: ReadonlySet<string>): Explanation {
  const text = format(expression);
  const value = matches(expression, labels);
  const { kind } = expression;
  if (kind === 'atom') {
    const { label } = expression;
    return { kind, text, value, present: value ? [label] : [], absent: value ? [] : [label], children: [] };
  }
  const children = operandsOf(expression).map((operand) => explain(operand, labels));
  const decisive = decisiveOf(kind, value, children);
  const present = [...new Set(decisive.flatMap((child) => child.present))];
  const absent = [...new Set(decisive.flatMap((child) => child.absent))];
  return { kind, text, value, present, absent, children };
}

/** The operands without which the value would not be what it is. */
function decisiveOf(
  kind: Exclude<LabelExpression['kind'], 'atom'>,
  value: boolean,
  children: readonly Explanation[],
): readonly Explanation[] {
  switch (kind) {
    case 'and':
    case 'or':
      return children.filter((child) => child.value === value);
    case 'implies':
      // Either a false premise or a true conclusion is enough.
      return value ? children.filter((child, index) => child.value === (index === 1)).slice(0, 1) : children;
    case 'not':
    case 'iff':
      return children;
  }
}
