import { OPERATORS, type LabelExpression } from './expression.ts';
import { quote } from './quoted.ts';
import { isPlain } from './read-token.ts';

/** From the loosest to the tightest. */
const BINDING = ['iff', 'implies', 'or', 'and', 'not', 'atom'] as const satisfies LabelExpression['kind'][];

/**
 * The expression as canonical text: single spaces around binary operators, quotes only where a label needs them,
 * and no parentheses but those without which the text would be read as another expression.
 */
export function format(expression: LabelExpression): string {
  switch (expression.kind) {
    case 'atom':
      return formatLabel(expression.label);
    case 'not':
      return `!${formatOperand(expression.operand, 'not')}`;
    case 'implies':
      return [expression.premise, expression.conclusion]
        .map((operand) => formatOperand(operand, 'implies'))
        .join(` ${OPERATORS.implies} `);
    case 'iff':
    case 'or':
    case 'and':
      return expression.operands
        .map((operand) => formatOperand(operand, expression.kind))
        .join(` ${OPERATORS[expression.kind]} `);
  }
}

export function formatLabel(label: string): string {
  return isPlain(label) ? label : quote(label);
}

/** No operator may have its own kind as a bare operand: `!!a` and `a->b->c` are errors, `a&&b&&c` is one chain. */
function formatOperand(operand: LabelExpression, outer: LabelExpression['kind']): string {
  const text = format(operand);
  return BINDING.indexOf(operand.kind) > BINDING.indexOf(outer) ? text : `(${text})`;
}
