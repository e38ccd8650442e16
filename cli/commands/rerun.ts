import { FootmanError } from '#shared/errors';
import type { Rerun } from '../client/index.ts';
import type { Context } from '../context.ts';
import { startBuild } from '../run/index.ts';
import { buildName } from '../target.ts';

interface Options {
  failed?: boolean;
  job?: string;
  follow?: boolean;
}

/** Runs a build again, with the same inputs, as a new build. */
export async function rerun(
  context: Context,
  name: string,
  { follow = false, ...options }: Options,
): Promise<number> {
  const what = toRerun(options);
  const old = buildName(name);
  return startBuild(context, {
    start: (client) => client.rerun(old, what),
    follow,
    sentence: ({ number }) => `build ${number} runs ${whatOf(what)} of build ${old} again`,
  });
}

/** @throws FootmanError `request-invalid` */
function toRerun({ failed = false, job }: Omit<Options, 'follow'>): Rerun {
  if (failed && job !== undefined)
    throw new FootmanError('request-invalid', 'of --failed and --job only one makes sense');
  if (job !== undefined) return { which: 'job', job };
  return { which: failed ? 'failed' : 'all' };
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
