import {
  Binary,
  ContextAccess,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Unary,
  type Expr,
} from '@actions/expressions/ast';
import { TokenType } from '@actions/expressions/lexer';
import { contextOf } from './check-names.ts';
import { readCondition } from './condition.ts';
import { isStatusFunction } from './functions.ts';
import { indexOf } from './lex.ts';
import { parseExpression, type ParsedExpression } from './parse.ts';
import { splitTemplate, type Segment } from './segments.ts';

/** One use of a context: `steps.x['outputs'].y` is `['steps', 'x', 'outputs', 'y']`. */
export interface Reference {
  /** From the context's name, in lower case, on. `*` stands for what is known only at run time, and for `.*` itself. */
  path: string[];
  /** Where the context's name begins in the text, in UTF-16 code units. */
  index: number;
}

/** Every use of a context, in the order of the text. What can't be parsed has none: `checkTemplate` says why. */
export function referencesIn(text: string, kind: 'template' | 'condition'): Reference[] {
  return expressionsIn(text, kind)
    .flatMap(({ expression, index }) =>
      collect(expression.root).map((found) => ({ path: found.path, index: found.index + index })),
    )
    .toSorted((a, b) => a.index - b.index);
}

/** Whether an `if` says itself how things must stand; where it doesn't, it counts only after `success()`. */
export function callsStatusFunction(condition: string): boolean {
  return expressionsIn(condition, 'condition').some(({ expression: { tokens } }) =>
    tokens.some(
      ({ type, lexeme }, index) =>
        type === TokenType.IDENTIFIER &&
        isStatusFunction(lexeme) &&
        tokens[index + 1]?.type === TokenType.LEFT_PAREN,
    ),
  );
}

function expressionsIn(
  text: string,
  kind: 'template' | 'condition',
): { expression: ParsedExpression; index: number }[] {
  return segmentsIn(text, kind).flatMap((segment) => {
    if (segment.kind === 'text') return [];
    const parsed = parseExpression(segment.text);
    return parsed.ok ? [{ expression: parsed.expression, index: segment.index }] : [];
  });
}

function segmentsIn(text: string, kind: 'template' | 'condition'): Segment[] {
  if (kind === 'template') return splitTemplate(text).segments;
  const condition = readCondition(text);
  return condition.ok ? [condition.expression] : [];
}

function collect(node: Expr): Reference[] {
  if (node instanceof IndexAccess) return collectPath(node);
  if (node instanceof ContextAccess) return [referenceTo(node, [])];
  if (node instanceof Grouping) return collect(node.group);
  if (node instanceof Unary) return collect(node.expr);
  if (node instanceof Binary) return [node.left, node.right].flatMap(collect);
  if (node instanceof Logical || node instanceof FunctionCall) return node.args.flatMap(collect);
  return [];
}

/** The whole chain of `.a` and `[b]` at once, with what is named inside of the brackets. */
function collectPath(last: IndexAccess): Reference[] {
  const steps: string[] = [];
  const inside: Reference[] = [];
  let node: Expr = last;
  while (node instanceof IndexAccess || node instanceof Grouping) {
    if (node instanceof Grouping) {
      node = node.group;
      continue;
    }
    steps.unshift(node.index instanceof Literal ? node.index.literal.coerceString() : '*');
    inside.push(...collect(node.index));
    node = node.expr;
  }
  return node instanceof ContextAccess
    ? [referenceTo(node, steps), ...inside]
    : [...collect(node), ...inside];
}

function referenceTo({ name }: ContextAccess, steps: string[]): Reference {
  return { path: [contextOf(name.lexeme) ?? name.lexeme, ...steps], index: indexOf(name) };
}
