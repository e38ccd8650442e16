import type { LabelExpression } from './expression.ts';

/** Whether a template that carries exactly these labels satisfies the expression. */
export function matches(expression: LabelExpression, labels: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'atom':
      return labels.has(expression.label);
    case 'not':
      return !matches(expression.operand, labels);
    case 'and':
      return expression.operands.every((operand) => matches(operand, labels));
    case 'or':
      return expression.operands.some((operand) => matches(operand, labels));
    case 'implies':
      return !matches(expression.premise, labels) || matches(expression.conclusion, labels);
    case 'iff':
      return expression.operands.map((operand) => matches(operand, labels)).reduce((a, b) => a === b);
  }
}
