import { ErrorType, MAX_PARSER_DEPTH, type ExpressionError } from '@actions/expressions/errors';
import { TokenType, type Token } from '@actions/expressions/lexer';
import { signatureOf, type Signature } from './functions.ts';
import { problem, type ExpressionProblem } from './problem.ts';
import { OPEN, unclosedQuote } from './segments.ts';

const LONGEST_SHOWN = 40;

const BEGINNINGS: readonly [beginning: string, hint: string][] = [
  ['"', "text stands between single quotes: 'like this'"],
  [OPEN, 'leave out the inner `${{ }}`; an `if` is one expression'],
  ['=', '`==` compares'],
  ['&', '`&&` means and'],
  ['|', '`||` means or'],
];

/** Something that is no part of the language, from `start`; the library stopped reading at `end`. */
export function strangeSymbol(source: string, start: number, end: number): ExpressionProblem {
  if (source[start] === "'") return unclosedQuote(start);
  const symbol = source.slice(start, end);
  return problem(start, `${quoted(symbol)} can't stand in an expression`, hintFor(symbol));
}

/** The parser's refusal, in a reader's words. */
export function parserSentence(error: ExpressionError, tokens: readonly Token[]): ExpressionProblem {
  const token = error['tok'];
  const index = token.range.start.column;
  switch (error['typ']) {
    case ErrorType.ErrorExceededMaxDepth:
      return problem(index, `the expression is nested more than ${MAX_PARSER_DEPTH} deep`);
    case ErrorType.ErrorTooFewParameters:
    case ErrorType.ErrorTooManyParameters:
    case ErrorType.ErrorEvenParameters:
      return problem(index, arity(token.lexeme));
    case ErrorType.ErrorUnexpectedSymbol:
      return token.type === TokenType.EOF ? endedEarly(tokens) : unexpected(token);
    default:
      return endedEarly(tokens);
  }
}

function unexpected({ lexeme, type, range }: Token): ExpressionProblem {
  const hint =
    type === TokenType.STAR
      ? 'there is no arithmetic in expressions'
      : type === TokenType.COMMA || type === TokenType.RIGHT_PAREN
        ? undefined
        : 'join two values with an operator such as `==`, `&&` or `||`';
  return problem(range.start.column, `${quoted(lexeme)} isn't expected here`, hint);
}

function endedEarly(tokens: readonly Token[]): ExpressionProblem {
  const open = lastOpen(tokens);
  if (open !== undefined) return problem(open.range.start.column, `this \`${open.lexeme}\` is never closed`);
  const end = tokens.at(-1)?.range.start.column ?? 0;
  return problem(end, `the expression ends where a value is missing`);
}

function lastOpen(tokens: readonly Token[]): Token | undefined {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.type === TokenType.LEFT_PAREN || token.type === TokenType.LEFT_BRACKET) open.push(token);
    if (token.type === TokenType.RIGHT_PAREN || token.type === TokenType.RIGHT_BRACKET) open.pop();
  }
  return open.at(-1);
}

function arity(name: string): string {
  const signature = signatureOf(name);
  if (signature?.name === 'case') {
    return 'case() takes conditions, each with its value after it, and at last the value for every other case';
  }
  return signature === undefined
    ? `${name}() takes other arguments`
    : `${signature.name}() takes ${countOf(signature)}`;
}

function countOf({ minArgs, maxArgs }: Signature): string {
  if (maxArgs === 0) return 'no arguments';
  if (maxArgs === 1) return '1 argument';
  return minArgs === maxArgs ? `${minArgs} arguments` : `${minArgs} to ${maxArgs} arguments`;
}

function hintFor(symbol: string): string | undefined {
  const [, hint] = BEGINNINGS.find(([beginning]) => symbol.startsWith(beginning)) ?? [];
  if (hint !== undefined) return hint;
  if (/^[+\-/%]|^\d.*[+\-/%]/.test(symbol)) return 'there is no arithmetic in expressions';
  return /[^\w-]/.test(symbol) ? "text stands between single quotes: 'like this'" : undefined;
}

function quoted(text: string): string {
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return `\`${shown}\``;
}
