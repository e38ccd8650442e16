import { operandsOf, type LabelExpression } from './expression.ts';

/** The labels that an expression names, in the order in which they first appear. */
export function atomsOf(expression: LabelExpression): Set<string> {
  if (expression.kind === 'atom') return new Set([expression.label]);
  return operandsOf(expression).reduce((atoms, operand) => atoms.union(atomsOf(operand)), new Set<string>());
}
