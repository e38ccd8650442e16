import { problem, type ExpressionProblem } from './problem.ts';

export const OPEN = '${{';
const CLOSE = '}}';

/** A part of a template: text to be taken as it is, or the inside of a `${{ }}`. */
export interface Segment {
  kind: 'text' | 'expression';
  text: string;
  /** Where the text begins in the template. */
  index: number;
}

export interface SplitTemplate {
  segments: Segment[];
  /** The `${{` that is never closed; the segments are those before it. */
  problem?: ExpressionProblem;
}

export function splitTemplate(template: string): SplitTemplate {
  const segments: Segment[] = [];
  let rest = 0;
  for (;;) {
    const open = template.indexOf(OPEN, rest);
    const text = template.slice(rest, open === -1 ? undefined : open);
    if (text !== '') segments.push({ kind: 'text', text, index: rest });
    if (open === -1) return { segments };
    const index = open + OPEN.length;
    const close = findClose(template, index);
    if (typeof close === 'object') return { segments, problem: close };
    segments.push({ kind: 'expression', text: template.slice(index, close), index });
    rest = close + CLOSE.length;
  }
}

/** Where the expression that begins at `start` ends: a `}}` between quotes is text. */
function findClose(template: string, start: number): number | ExpressionProblem {
  let quote: number | undefined;
  for (let index = start; index < template.length; index++) {
    if (template[index] === "'") quote = quote === undefined ? index : undefined;
    else if (quote === undefined && template.startsWith(CLOSE, index)) return index;
  }
  // An apostrophe that comes after a forgotten `}}` is no quote.
  const forgotten = quote === undefined || !template.includes(CLOSE, quote);
  return forgotten
    ? problem(
        start - OPEN.length,
        'this `${{` is never closed',
        "close it with `}}`; for the text itself, write ${{ '${{' }}",
      )
    : unclosedQuote(quote ?? start);
}

export function unclosedQuote(index: number): ExpressionProblem {
  return problem(
    index,
    'this quote is never closed',
    "text stands between single quotes; a quote inside it is written ''",
  );
}
