import { OPERATORS, type Chain, type LabelExpression } from './expression.ts';
import { refuseEmpty, refuseMissingLabel, refuseMissingOperator } from './hints.ts';
import { MAX_LABELS, MAX_NESTING, MAX_SOURCE_LENGTH } from './limits.ts';
import { labelInvalid, LabelSyntaxError, refuse, type LabelProblem } from './problem.ts';
import { createTokens, type Tokens } from './tokens.ts';

export type ParsedLabelExpression =
  { ok: true; expression: LabelExpression } | { ok: false; problem: LabelProblem };

/** What the parser knows on its way. */
interface Progress {
  tokens: Tokens;
  labels: number;
  /** Parentheses that are open. */
  depth: number;
}

/**
 * Parses a label expression.
 * @throws FootmanError `label-invalid`, with the column (from 1) in its message, and mostly with a hint.
 */
export function parseLabelExpression(source: string): LabelExpression {
  const parsed = tryParseLabelExpression(source);
  if (parsed.ok) return parsed.expression;
  throw labelInvalid('label expression', parsed.problem);
}

/**
 * Parses a label expression, for callers that collect problems. Never throws.
 *
 * The grammar is that of Jenkins' `LabelExpressionParser.g4`, from the loosest operator to the tightest:
 * `<->` and `||` and `&&` chain; `->` doesn't, because `(a->b)->c` and `a->(b->c)` differ; `!` takes
 * one label or one pair of parentheses, so that `!!a` is an error. Beyond Jenkins, line breaks are spaces,
 * invisible characters and the empty label are refused, and there are limits (`limits.ts`).
 */
export function tryParseLabelExpression(source: string): ParsedLabelExpression {
  try {
    return { ok: true, expression: parseWhole(source) };
  } catch (error) {
    if (error instanceof LabelSyntaxError) return { ok: false, problem: error.problem };
    throw error;
  }
}

function parseWhole(source: string): LabelExpression {
  if (source.length > MAX_SOURCE_LENGTH) {
    refuse(0, `the expression has ${source.length} characters; at most ${MAX_SOURCE_LENGTH} are allowed`);
  }
  const tokens = createTokens(source);
  if (tokens.next().kind === 'end') refuseEmpty();
  const expression = parseIff({ tokens, labels: 0, depth: 0 });
  if (tokens.next().kind !== 'end') refuseMissingOperator(tokens);
  return expression;
}

function parseIff(progress: Progress): LabelExpression {
  return parseChain(progress, 'iff', parseImplies);
}

function parseImplies(progress: Progress): LabelExpression {
  const premise = parseOr(progress);
  if (!progress.tokens.take('->')) return premise;
  const conclusion = parseOr(progress);
  const { kind, offset } = progress.tokens.next();
  if (kind === '->') {
    const hint = 'write `a -> (b -> c)` or `(a -> b) -> c`: they mean different things';
    refuse(offset, "`->` can't be chained", hint);
  }
  return { kind: 'implies', premise, conclusion };
}

function parseOr(progress: Progress): LabelExpression {
  return parseChain(progress, 'or', parseAnd);
}

function parseAnd(progress: Progress): LabelExpression {
  return parseChain(progress, 'and', parseNot);
}

function parseChain(
  progress: Progress,
  kind: Chain['kind'],
  parseOperand: (progress: Progress) => LabelExpression,
): LabelExpression {
  const { tokens } = progress;
  const first = parseOperand(progress);
  if (!tokens.take(OPERATORS[kind])) return first;
  const operands: [LabelExpression, LabelExpression, ...LabelExpression[]] = [first, parseOperand(progress)];
  while (tokens.take(OPERATORS[kind])) operands.push(parseOperand(progress));
  return { kind, operands };
}

function parseNot(progress: Progress): LabelExpression {
  if (!progress.tokens.take('!')) return parsePrimary(progress);
  return { kind: 'not', operand: parsePrimary(progress) };
}

function parsePrimary(progress: Progress): LabelExpression {
  const { tokens } = progress;
  const token = tokens.next();
  if (token.kind === '(') return parseParentheses(progress);
  if (token.kind !== 'label') refuseMissingLabel(tokens);
  progress.labels += 1;
  if (progress.labels > MAX_LABELS) refuse(token.offset, `an expression names at most ${MAX_LABELS} labels`);
  tokens.take('label');
  return { kind: 'atom', label: token.label };
}

function parseParentheses(progress: Progress): LabelExpression {
  const { tokens } = progress;
  const { offset } = tokens.next();
  if (progress.depth === MAX_NESTING) refuse(offset, `parentheses nest at most ${MAX_NESTING} deep`);
  tokens.take('(');
  progress.depth += 1;
  const expression = parseIff(progress);
  if (!tokens.take(')')) refuseMissingOperator(tokens, offset);
  progress.depth -= 1;
  return expression;
}
