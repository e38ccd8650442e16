import type { BuildSummary } from '#controller/api';
import { CATALOGUE } from '#shared/errors';

type Result = NonNullable<BuildSummary['result']>;

/** The command line itself is wrong; EX_USAGE of sysexits.h. */
export const USAGE = 64;

/** There are mistakes in a file, and they were told. */
export const MISTAKES = CATALOGUE['document-invalid'].exit;

/** The reader of standard output left; as a shell has it for SIGPIPE. */
export const BROKEN_PIPE = 141;

/**
 * How `footman run` ends, by the build's result. What ends it before there is a result has the exit code of its error
 * (`shared/errors/catalogue.ts`).
 */
export const EXIT_OF_RESULT: Readonly<Record<Result, number>> = {
  success: 0,
  skipped: 0,
  failure: 1,
  // EX_TEMPFAIL: infrastructure failed, so that another try may do.
  errored: 75,
  // As timeout(1) has it.
  'timed-out': 124,
  // As a shell has it for SIGINT.
  cancelled: 130,
};
