import type { NewJob } from '#controller/store';
import { FootmanError } from '#shared/errors';

/** Jobs of one build, each cell of a matrix counted: everything that the build decides looks at all of them. */
const MAX_JOBS = 1024;
/** What they do, as JSON, in UTF-16 code units: each cell has it for itself. */
const MAX_LENGTH = 32 * 1024 * 1024;

/** How much of a build there is. */
export interface BuildSize {
  jobs: number;
  length: number;
}

const NOTHING: BuildSize = { jobs: 0, length: 0 };

/**
 * Refuses more jobs than a controller can keep at hand: matrices multiply what was written.
 *
 * @throws FootmanError `expression-failed`
 */
export function limitRows(rows: readonly NewJob[], present: BuildSize = NOTHING): void {
  const jobs = present.jobs + rows.length;
  if (jobs > MAX_JOBS)
    throw tooMuch(`the build would have ${count(jobs)} jobs, each cell of a matrix counted`, count(MAX_JOBS));
  const lengths = new Map<unknown, number>();
  let length = present.length;
  for (const { spec } of rows) {
    const own = lengths.get(spec) ?? JSON.stringify(spec).length;
    lengths.set(spec, own);
    length += own;
  }
  if (length > MAX_LENGTH)
    throw tooMuch(
      `the jobs of the build would have ${count(length)} characters in all cells`,
      count(MAX_LENGTH),
    );
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function tooMuch(what: string, most: string): FootmanError {
  return new FootmanError('expression-failed', `${what}; at most ${most} are allowed`, {
    hint: 'make a matrix smaller, or put long scripts into files of the repository',
  });
}
