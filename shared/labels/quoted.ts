import { refuse } from './problem.ts';
import { refuseCharacter } from './stray.ts';
import type { LabelToken } from './token.ts';

/** Jenkins' escapes in a quoted label: the letter after the backslash, and what it stands for. */
const ESCAPES = new Map([
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['f', '\f'],
  ['r', '\r'],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
]);

/** The quoted label that begins with the quote at `offset`. */
export function readQuoted(source: string, offset: number): LabelToken {
  let label = '';
  let at = offset + 1;
  while (source[at] !== '"') {
    if (at >= source.length) refuse(offset, 'this quote is never closed', 'close it with `"`');
    if (source[at] === '\\') {
      label += unescape(source, at);
      at += 2;
    } else {
      const run = readRun(source, at);
      label += run;
      at += run.length;
    }
  }
  if (label === '') refuse(offset, "a label can't be empty");
  return { kind: 'label', offset, text: source.slice(offset, at + 1), label };
}

/** The label between quotes, with escapes where they are needed. */
export function quote(label: string): string {
  return `"${label.replaceAll(/["\\\b\t\n\f\r]/g, escape)}"`;
}

/** Control characters and marks that turn the direction of writing could forge a line of a log; only a tab is let through. */
function readRun(source: string, at: number): string {
  const literal = /[[^"\\\p{Cc}\p{Cs}\p{Bidi_Control}]\t]+/vy;
  literal.lastIndex = at;
  const run = literal.exec(source)?.[0];
  if (run !== undefined) return run;
  if (/[\r\n]/.test(source.charAt(at))) {
    refuse(
      at,
      "a quoted label can't go on in the next line",
      'close it with `"`, or write the line break as `\\n`',
    );
  }
  return refuseCharacter(source, at);
}

function unescape(source: string, at: number): string {
  const character = ESCAPES.get(source.charAt(at + 1));
  if (character !== undefined) return character;
  return refuse(
    at,
    'this backslash escapes nothing',
    'a backslash is written `\\\\`; the other escapes are `\\"`, `\\\'`, `\\b`, `\\t`, `\\n`, `\\f` and `\\r`',
  );
}

function escape(character: string): string {
  const letter = ESCAPES.entries().find(([, meaning]) => meaning === character)?.[0];
  return `\\${letter ?? character}`;
}
