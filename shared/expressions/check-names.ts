import { TokenType, type Token } from '@actions/expressions/lexer';
import { nearest } from '#shared/nearest';
import { isStatusFunction, placeFunctionOf, SIGNATURES, signatureOf } from './functions.ts';
import { indexOf } from './lex.ts';
import type { Place } from './place.ts';
import { problem, type ExpressionProblem } from './problem.ts';
import { CONTEXTS, type ContextName } from './value.ts';

/** What other systems call our contexts. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['github', 'build'],
  ['inputs', 'parameters'],
  ['params', 'parameters'],
  ['runner', 'node'],
  ['strategy', 'matrix'],
  ['vars', 'parameters'],
  ['jobs', 'needs'],
  ['outputs', 'steps'],
]);

/** Every name that doesn't exist, can't be used in this place, or isn't used as it must be. */
export function checkNames(tokens: readonly Token[], place: Place): ExpressionProblem[] {
  return tokens.flatMap((token, index) => {
    if (token.type !== TokenType.IDENTIFIER || tokens[index - 1]?.type === TokenType.DOT) return [];
    const found =
      tokens[index + 1]?.type === TokenType.LEFT_PAREN
        ? checkFunction(token, place)
        : checkContext(token, tokens.slice(index + 1, index + 4), place);
    return found === undefined ? [] : [found];
  });
}

export function contextOf(name: string): ContextName | undefined {
  return CONTEXTS.find((context) => context === name.toLowerCase());
}

function checkFunction(token: Token, place: Place): ExpressionProblem | undefined {
  const signature = signatureOf(token.lexeme);
  if (signature === undefined) {
    const names = SIGNATURES.map(({ name }) => name);
    const meant = nearest(token.lexeme, names, 1).map((name) => `${name}()`);
    return problem(
      indexOf(token),
      `there is no function ${token.lexeme}()`,
      didYouMean(meant, 'the functions are', names),
    );
  }
  const needed = placeFunctionOf(signature.name);
  if (needed === undefined || place.functions.includes(needed)) return undefined;
  const usual = isStatusFunction(needed)
    ? `${needed}() works only in an \`if\``
    : 'it works only in the fields of steps, where there are files';
  const hint = place.hints?.[needed] ?? usual;
  return problem(indexOf(token), `${needed}() can't be called here`, hint);
}

function checkContext(token: Token, next: readonly Token[], place: Place): ExpressionProblem | undefined {
  const name = contextOf(token.lexeme);
  if (name === undefined) return unknownContext(token, next[0]);
  if (!place.contexts.includes(name)) return unavailable(token, name, place);
  if (name !== 'secrets' || isLiteralName(next)) return undefined;
  return problem(
    indexOf(token),
    'a secret is used by its name alone',
    "write `secrets.NAME` or `secrets['NAME']`",
  );
}

function unknownContext(token: Token, next: Token | undefined): ExpressionProblem {
  const { lexeme } = token;
  const other = OTHER_NAMES.get(lexeme.toLowerCase());
  const words = nearest(lexeme, [...CONTEXTS, 'true', 'false', 'null'], 1);
  const meant = (other === undefined ? words : [other]).map((word) => `\`${word}\``);
  const followed = next?.type === TokenType.DOT || next?.type === TokenType.LEFT_BRACKET;
  const hint =
    meant.length > 0 || followed
      ? didYouMean(meant, 'the contexts are', CONTEXTS)
      : `text stands between single quotes: '${lexeme}'`;
  return problem(indexOf(token), `there is no context \`${lexeme}\``, hint);
}

function unavailable(token: Token, name: ContextName, place: Place): ExpressionProblem {
  const message = `\`${name}\` can't be used here`;
  const own = place.hints?.[name];
  if (own !== undefined) return problem(indexOf(token), message, own);
  if (name === 'secrets') return problem(indexOf(token), message, "pass it through the step's env");
  const hint =
    place.contexts.length === 0 ? 'no context can be used here' : `here there is ${listed(place.contexts)}`;
  return problem(indexOf(token), message, hint);
}

/** `.NAME` or `['NAME']`. */
function isLiteralName([first, second, third]: readonly Token[]): boolean {
  if (first?.type === TokenType.DOT) return second?.type === TokenType.IDENTIFIER;
  return (
    first?.type === TokenType.LEFT_BRACKET &&
    second?.type === TokenType.STRING &&
    third?.type === TokenType.RIGHT_BRACKET
  );
}

function didYouMean(meant: readonly string[], otherwise: string, all: readonly string[]): string {
  const [word] = meant;
  return word === undefined ? `${otherwise} ${listed(all)}` : `did you mean ${word}?`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
