import { FootmanError } from '#shared/errors';
import type { Rerun } from '../client/index.ts';
import type { Context } from '../context.ts';
import { startBuild } from '../run/index.ts';
import { buildName } from '../target.ts';

export interface RerunOptions {
  failed?: boolean;
  job?: string;
  /** For how long; true for as long as usual. */
  hold?: string | true;
  follow?: boolean;
}

/** Runs a build again, with the same inputs, as a new build. */
export async function rerun(
  context: Context,
  name: string,
  { follow = false, ...options }: RerunOptions,
): Promise<number> {
  const what = toRerun(options);
  const old = buildName(name);
  return startBuild(context, {
    start: (client) => client.rerun(old, what),
    follow,
    sentence: ({ number }) => `build ${number} runs ${whatOf(what)} of build ${old} again${sequelOf(what)}`,
  });
}

/** @throws FootmanError `request-invalid` */
function toRerun({ failed = false, job, hold }: Omit<RerunOptions, 'follow'>): Rerun {
  if (failed && job !== undefined)
    throw new FootmanError('request-invalid', 'of --failed and --job only one makes sense');
  const holding = hold === undefined ? {} : { hold: hold === true ? {} : { for: hold } };
  if (job !== undefined) return { which: 'job', job, ...holding };
  return { which: failed ? 'failed' : 'all', ...holding };
}

function sequelOf({ hold }: Rerun): string {
  return hold === undefined ? '' : '; the nodes of jobs that fail are held';
}

function whatOf({ which, job }: Rerun): string {
  switch (which) {
    case 'all':
      return 'all jobs';
    case 'failed':
      return 'the failed jobs';
    case 'job':
      return `job ${job}`;
  }
}
