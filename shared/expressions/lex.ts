import { Lexer, TokenType, type Token } from '@actions/expressions/lexer';
import { MAX_COMPARISONS, MAX_EXPRESSION_LENGTH } from './limits.ts';
import { problem, type ExpressionProblem } from './problem.ts';
import { strangeSymbol } from './syntax-sentence.ts';

const COMPARISONS: ReadonlySet<TokenType> = new Set([
  TokenType.EQUAL_EQUAL,
  TokenType.BANG_EQUAL,
  TokenType.GREATER,
  TokenType.GREATER_EQUAL,
  TokenType.LESS,
  TokenType.LESS_EQUAL,
]);

export type Lexed = { ok: true; tokens: Token[] } | { ok: false; problem: ExpressionProblem };

/** The words of an expression, the end included. Each token's `range.start.column` is its index in the source, whatever its line. */
export function lex(source: string): Lexed {
  if (source.length > MAX_EXPRESSION_LENGTH) {
    const message = `the expression has ${source.length} characters; at most ${MAX_EXPRESSION_LENGTH} are allowed`;
    return { ok: false, problem: problem(0, message) };
  }
  const lexer = new Lexer(source);
  let tokens: Token[];
  try {
    tokens = placed(lexer.lex().tokens, source);
  } catch {
    // The library names the place only within its sentence.
    return { ok: false, problem: strangeSymbol(source, lexer['start'], lexer['offset']) };
  }
  if (tokens.filter(({ type }) => COMPARISONS.has(type)).length <= MAX_COMPARISONS) {
    return { ok: true, tokens };
  }
  return { ok: false, problem: problem(0, `an expression has at most ${MAX_COMPARISONS} comparisons`) };
}

export function indexOf(token: Token): number {
  return token.range.start.column;
}

/** The library miscounts columns after a line break in text, and undoubles only the first quote of a text. */
function placed(tokens: Token[], source: string): Token[] {
  let end = 0;
  return tokens.map((token) => {
    const start = token.type === TokenType.EOF ? source.trimEnd().length : source.indexOf(token.lexeme, end);
    end = start + token.lexeme.length;
    const range = { start: { line: 0, column: start }, end: { line: 0, column: end } };
    return token.type === TokenType.STRING
      ? { ...token, range, value: token.lexeme.slice(1, -1).replaceAll("''", "'") }
      : { ...token, range };
  });
}
