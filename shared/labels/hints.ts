import { refuse } from './problem.ts';
import { quote } from './quoted.ts';
import type { Token } from './token.ts';
import type { Tokens } from './tokens.ts';

/** What other languages call the binary operators. */
const OTHER_NAMES = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['implies', '->'],
  ['iff', '<->'],
  ['==', '<->'],
  [',', '&&'],
  ['+', '&&'],
]);

export function refuseEmpty(): never {
  refuse(0, 'the expression is empty', 'name a label, such as `linux`, or join several: `linux && docker`');
}

/** Refuses the next token, which stands where a label, `!` or `(` must. */
export function refuseMissingLabel(tokens: Tokens): never {
  const { kind, offset, text } = tokens.next();
  const previous = tokens.previous();
  if (kind === '!' && previous?.kind === '!') {
    refuse(offset, "`!` can't be doubled", 'leave both out, or write `!(!label)`');
  }
  const where = previous === undefined ? 'at the beginning' : `after \`${previous.text}\``;
  const found = kind === 'end' ? 'the expression ends' : `found \`${text}\``;
  refuse(offset, `a label is missing ${where}: ${found}`);
}

/** Refuses the next token, which stands where an operator, the end, or the `)` for the `(` at `opened` must. */
export function refuseMissingOperator(tokens: Tokens, opened?: number): never {
  const token = tokens.next();
  const previous = tokens.previous();
  if (token.kind === 'end' && opened !== undefined) {
    refuse(token.offset, `the \`(\` of column ${opened + 1} is never closed`, 'close it with `)`');
  }
  if (token.kind === ')') refuse(token.offset, 'this `)` closes nothing', 'remove it, or open it with `(`');
  refuse(token.offset, `an operator is missing before \`${token.text}\``, hintForOperator(previous, token));
}

function hintForOperator(previous: Token | undefined, { kind, text }: Token): string {
  const operator = kind === 'label' ? OTHER_NAMES.get(text.toLowerCase()) : undefined;
  if (operator !== undefined) return `did you mean \`${operator}\`?`;
  if (kind === '!') return 'did you mean `&& !`?';
  if (previous?.text.toLowerCase() === 'not') return `did you mean \`!${text}\`?`;
  if (previous?.kind === 'label' && /[\p{L}\p{N}]/u.test(text)) return hintForTwoLabels(previous.text, text);
  return 'write `&&` for both, or `||` for either';
}

function hintForTwoLabels(left: string, right: string): string {
  const both = `did you mean \`${left.replace(/,$/, '')} && ${right}\``;
  return /[",]/.test(left + right)
    ? `${both}?`
    : `${both}, or the one label \`${quote(`${left} ${right}`)}\`?`;
}
