import type { Expr } from '@actions/expressions/ast';
import { ExpressionError } from '@actions/expressions/errors';
import { TokenType, type Token } from '@actions/expressions/lexer';
import { Parser } from '@actions/expressions/parser';
import { SIGNATURES, signatureOf } from './functions.ts';
import { lex } from './lex.ts';
import { problem, type ExpressionProblem } from './problem.ts';
import { parserSentence } from './syntax-sentence.ts';

/** An expression whose words stand in the right order; whether its names exist is another question (`check-names.ts`). */
export interface ParsedExpression {
  root: Expr;
  tokens: readonly Token[];
}

export type Parsed = { ok: true; expression: ParsedExpression } | { ok: false; problem: ExpressionProblem };

/** Parses the inside of one `${{ }}`; a problem's index counts from its beginning. Never throws. */
export function parseExpression(source: string): Parsed {
  if (source.trim() === '') {
    const hint = "write an expression such as `build.branch == 'main'`";
    return { ok: false, problem: problem(0, 'the expression is empty', hint) };
  }
  const lexed = lex(source);
  if (!lexed.ok) return lexed;
  const { tokens } = lexed;
  try {
    return { ok: true, expression: { root: parserOf(tokens).parse(), tokens } };
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return { ok: false, problem: parserSentence(thrown, tokens) };
    throw thrown;
  }
}

/** It takes every name, so that all unknown ones are found at once afterwards. */
function parserOf(tokens: Token[]): Parser {
  const names = tokens.filter(({ type }) => type === TokenType.IDENTIFIER).map(({ lexeme }) => lexeme);
  const unknown = names
    .filter((name) => signatureOf(name) === undefined)
    .map((name) => ({ name, minArgs: 0, maxArgs: Infinity }));
  return new Parser(tokens, names, [...SIGNATURES, ...unknown]);
}
