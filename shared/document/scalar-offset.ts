import type { Scalar } from 'yaml';

const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/**
 * Offset in the source of the character at `index` of a scalar's text: quotes, escapes and the indentation of a
 * literal block are skipped. Folded text does not keep its lines, so that it answers with its beginning.
 */
export function scalarOffset(source: string, scalar: Scalar, index: number): number {
  const [start, end] = scalar.range ?? [0, 0];
  if (scalar.type === 'BLOCK_LITERAL') return literalOffset(source, scalar, start, index);
  const written = source.slice(start, end);
  if (scalar.type === 'BLOCK_FOLDED' || written.includes('\n')) return start;
  if (scalar.type === 'QUOTE_SINGLE') return start + quotedOffset(written, index, singleQuoteLength);
  if (scalar.type === 'QUOTE_DOUBLE') return start + quotedOffset(written, index, escapeLength);
  return Math.min(start + index, end);
}

function literalOffset(source: string, scalar: Scalar, start: number, index: number): number {
  const text = String(scalar.value);
  const linesBefore = text.slice(0, index).split('\n');
  const lines = source.slice(start, scalar.range?.[1]).split('\n');
  const indent = indentOf(lines.slice(1)) - indentOf(text.split('\n'));
  const skipped = lines.slice(0, linesBefore.length).reduce((sum, line) => sum + line.length + 1, 0);
  return start + skipped + indent + (linesBefore.at(-1)?.length ?? 0);
}

/** Spaces before the first line that holds anything else. */
function indentOf(lines: string[]): number {
  return lines.find((line) => line.trim() !== '')?.search(/[^ ]/) ?? 0;
}

function quotedOffset(
  written: string,
  index: number,
  lengthAt: (text: string, at: number) => number,
): number {
  let at = 1;
  for (let seen = 0; seen < index && at < written.length - 1; seen += 1) at += lengthAt(written, at);
  return at;
}

function singleQuoteLength(text: string, at: number): number {
  return text.startsWith("''", at) ? 2 : 1;
}

function escapeLength(text: string, at: number): number {
  if (text[at] !== '\\') return 1;
  return ESCAPE_LENGTHS[text[at + 1] ?? ''] ?? 2;
}
