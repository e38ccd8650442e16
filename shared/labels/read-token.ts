import { MAX_LABEL_LENGTH } from './limits.ts';
import { refuse } from './problem.ts';
import { readQuoted } from './quoted.ts';
import { refuseCharacter } from './stray.ts';
import { SYMBOLS, type LabelToken, type Token } from './token.ts';

/** The token at or after `from`. */
export function readToken(source: string, from: number): Token {
  const offset = from + lengthOf(/[ \t\r\n]*/y, source, from);
  if (offset === source.length) return { kind: 'end', offset, text: '' };
  const symbol = SYMBOLS.find((each) => source.startsWith(each, offset));
  if (symbol !== undefined) return { kind: symbol, offset, text: symbol };
  const token = source[offset] === '"' ? readQuoted(source, offset) : readPlain(source, offset);
  if (token.label.length > MAX_LABEL_LENGTH) {
    refuse(offset, `a label has at most ${MAX_LABEL_LENGTH} characters; this one has ${token.label.length}`);
  }
  return token;
}

/** Whether a label can be written without quotes. */
export function isPlain(label: string): boolean {
  return label !== '' && lengthOf(plainLabel(), label, 0) === label.length;
}

function readPlain(source: string, offset: number): LabelToken {
  const length = lengthOf(plainLabel(), source, offset);
  if (length === 0) refuseCharacter(source, offset);
  const label = source.slice(offset, offset + length);
  return { kind: 'label', offset, text: label, label };
}

/**
 * Anything but operators, quotes, space and what can't be seen. A hyphen belongs to the label, unless it begins `->`:
 * `solaris-x86` is one label, `x->y` is two.
 * Jenkins also takes line breaks and invisible characters into labels, where they can only be an accident.
 */
function plainLabel(): RegExp {
  return /(?:[^&|!<>()"'\-\p{Z}\p{Cc}\p{Cf}\p{Cs}]|-(?!>))+/uy;
}

function lengthOf(sticky: RegExp, source: string, offset: number): number {
  sticky.lastIndex = offset;
  return sticky.exec(source)?.[0].length ?? 0;
}
