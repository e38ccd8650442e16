import type { Problem } from '#shared/document';

/** When things arrived, in milliseconds since the first of them, in order. */
export type Trace = readonly number[];

export type ParsedTrace = { ok: true; trace: Trace } | { ok: false; problems: Problem[] };

/** What the first line may say. */
const HEADING = 'arrival_s';
/** Whole or decimal seconds, to the millisecond. */
const SECONDS = /^\d{1,10}(\.\d{1,3})?$/;
/** A file that is no trace has a mistake on each line. */
const MOST_PROBLEMS = 20;

/** Reads seconds since the first arrival, one a line and in order; `#` begins a comment. Every mistake is told with its line. */
export function parseTrace(source: string, file: string): ParsedTrace {
  const problems: Problem[] = [];
  const trace: number[] = [];
  let heading = true;
  for (const [index, text] of source
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const cell = text.replace(/#.*/, '').trim();
    if (cell === '') continue;
    const isHeading = heading && cell === HEADING;
    heading = false;
    if (isHeading) continue;
    const problem = read(cell);
    if (problem === undefined) continue;
    const column = text.search(/\S/) + 1;
    if (problems.length < MOST_PROBLEMS) problems.push({ file, line: index + 1, column, message: problem });
  }
  if (trace.length === 0 && problems.length === 0)
    problems.push({ file, line: 1, column: 1, message: 'the trace has no arrivals' });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, trace };

  /** Takes the arrival in, or tells what is wrong with it. */
  function read(cell: string): string | undefined {
    if (!SECONDS.test(cell)) return `${JSON.stringify(cell)} is no number of seconds, such as 12 or 12.345`;
    const at = Math.round(Number(cell) * 1000);
    const before = trace.at(-1);
    if (before === undefined && at !== 0) return 'times are counted from the first arrival, which is at 0';
    if (before !== undefined && at < before) return `${cell} comes before the arrival above it`;
    trace.push(at);
    return undefined;
  }
}
