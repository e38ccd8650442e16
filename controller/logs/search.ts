import type { LogSlice } from './log-slice.ts';
import { createNeedle, type Needle } from './needle.ts';
import { countNewlines } from './newlines.ts';

/** What to look for in a log. */
export interface LogSearch {
  /** As it stands in the log, in UTF-8. One line, and not empty. */
  text: string;
  /** Whether A to Z are as good as a to z. */
  ignoreCase: boolean;
  /** Most lines that are given, at least 1. */
  limit: number;
}

export interface LogMatches {
  matches: LogMatch[];
  /** Offset at which to go on; null when the log was looked through, as far as it goes now. */
  next: number | null;
}

/** A line that has the text; the first place in it counts. */
export interface LogMatch {
  line: number;
  /** Of the text. */
  offset: number;
  /** The line without its end, or some of it around the text where it is long. */
  text: string;
  isCut: boolean;
}

/** A line that is longer is looked through in stretches. */
const LINE_BYTES = 64 * 1024;
/** Of a line, as it is given. */
const SHOWN_BYTES = 2048;
const SHOWN_BEFORE = 512;
const NEWLINE = 0x0a;

/** Looks through a part of a log, holding a piece of it at a time. A line that the part's end cuts is left for the next part. */
export async function searchIn(
  { offset, line, end, size, content }: LogSlice,
  { text, ignoreCase, limit }: LogSearch,
): Promise<LogMatches> {
  const needle = createNeedle(text, ignoreCase);
  const search = createSearch(needle, { offset, line, limit });
  for await (const piece of content) {
    if (search.add(piece)) return found(search.next());
  }
  if (end < size.bytes) return found(search.next());
  return search.finish() ? found(search.next()) : found(null);

  function found(next: number | null): LogMatches {
    return { matches: search.matches, next: next !== null && next < size.bytes ? next : null };
  }
}

interface Search {
  matches: LogMatch[];
  /** Takes the next bytes. True when there are as many matches as are wanted. */
  add(piece: Buffer): boolean;
  /** Looks through what was left: a last line without an end. */
  finish(): boolean;
  /** What of the log was looked through. */
  next(): number;
}

function createSearch(needle: Needle, start: { offset: number; line: number; limit: number }): Search {
  const matches: LogMatch[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let at = start.offset;
  let { line } = start;
  let isInLine = false;
  let lastMatched = -1;

  function add(piece: Buffer): boolean {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const lines = rest.lastIndexOf(NEWLINE) + 1;
    if (lines > 0) return lookThrough(lines, lines);
    return rest.length >= LINE_BYTES && lookThrough(rest.length, rest.length - needle.length + 1);
  }

  /** Looks through bytes of `rest`, and is done with the first `done` of them. */
  function lookThrough(bytes: number, done: number): boolean {
    const region = rest.subarray(0, bytes);
    const places = needle.places(region);
    let counted = 0;
    for (let place = places.after(0); place !== -1;) {
      const begin = region.lastIndexOf(NEWLINE, place) + 1;
      const newline = region.indexOf(NEWLINE, place);
      const end = newline === -1 ? bytes : newline;
      line += countNewlines(region.subarray(counted, begin));
      counted = begin;
      if (line !== lastMatched) matches.push(matchAt(region, place, { begin, end }));
      lastMatched = line;
      if (matches.length === start.limit) {
        skip(newline === -1 ? done : newline + 1, counted);
        return true;
      }
      place = end >= bytes ? -1 : places.after(end + 1);
    }
    skip(done, counted);
    return false;
  }

  function skip(bytes: number, counted: number): void {
    line += countNewlines(rest.subarray(counted, bytes));
    isInLine = rest[bytes - 1] !== NEWLINE;
    rest = rest.subarray(bytes);
    at += bytes;
  }

  function matchAt(region: Buffer, place: number, { begin, end }: { begin: number; end: number }): LogMatch {
    const from = end - begin <= SHOWN_BYTES ? begin : Math.max(begin, place - SHOWN_BEFORE);
    const to = Math.min(end, from + SHOWN_BYTES);
    const isCut = from > begin || to < end || (begin === 0 && isInLine);
    return { line, offset: at + place, text: textOf(region.subarray(from, to)), isCut };
  }

  return {
    matches,
    add,
    finish: () => rest.length > 0 && lookThrough(rest.length, rest.length),
    next: () => at,
  };
}

/** Characters that the cut has split are left out. */
function textOf(bytes: Buffer): string {
  return bytes.toString().replace(/^\uFFFD{1,3}|[\uFFFD\r]+$/g, '');
}
