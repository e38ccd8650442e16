import { StringData, type ExpressionData } from '@actions/expressions/data/index';
import type { Budget } from './budget.ts';
import { expressionFailed } from './problem.ts';

/** Doubled braces are braces; `{0}` is the first value, and so is `{0:x}`, as with GitHub. */
const PIECE = /\{\{|\}\}|\{(\d{1,9})(?::[^{}]*)?\}|[{}]/g;

/** `format('{0} of {1}', a, b)`; the library's own doesn't know how long its text may become. */
export function format(
  budget: Budget,
  pattern: ExpressionData,
  values: readonly ExpressionData[],
): StringData {
  const texts = values.map((value) => value.coerceString());
  const source = pattern.coerceString();
  budget.text(source.length);
  let length = source.length;
  return new StringData(
    source.replace(PIECE, (piece: string, number: string | undefined) => {
      const text = number === undefined ? brace(piece) : valueAt(texts, number);
      length += text.length - piece.length;
      if (text.length > piece.length) budget.text(length);
      return text;
    }),
  );
}

function brace(piece: string): string {
  if (piece.length === 2) return piece.slice(1);
  throw expressionFailed(
    `format: a lone \`${piece}\` in its text`,
    `write \`${piece}${piece}\` for the brace itself`,
  );
}

function valueAt(texts: readonly string[], number: string): string {
  const text = texts[Number(number)];
  if (text !== undefined) return text;
  throw expressionFailed(
    `format: its text has {${number.slice(0, 9)}}, but the values end before`,
    'the first value is {0}',
  );
}
