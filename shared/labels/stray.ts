import { refuse } from './problem.ts';

/** What the author of a lone character most likely meant. */
const MEANT = new Map([
  ['&', '&&'],
  ['|', '||'],
  ['<', '<->'],
  ['>', '->'],
]);

/** Refuses the character at `offset`, which begins neither an operator nor a label, and isn't allowed between quotes. */
export function refuseCharacter(source: string, offset: number): never {
  const character = String.fromCodePoint(source.codePointAt(offset) ?? 0);
  const operator = MEANT.get(character);
  if (operator !== undefined) {
    refuse(offset, `\`${character}\` is not an operator`, `did you mean \`${operator}\`?`);
  }
  if (character === "'") refuse(offset, 'a label is quoted by `"`, not by `\'`', 'did you mean `"`?');
  refuse(offset, `${nameOf(character)} can't be part of a label`, 'remove it, or write a plain space');
}

/** A character that can't be seen goes by its number. */
function nameOf(character: string): string {
  if (!/[\p{C}\p{Z}]/u.test(character)) return `\`${character}\``;
  const number = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `the invisible character U+${number}`;
}
