import { FootmanError } from '#shared/errors';
import type { Rerun } from '../client/index.ts';
import { connect } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { createInterrupts } from '../interrupt.ts';
import { INTERRUPTS_HEARD, leave, runToEnd } from '../run/index.ts';
import { buildName } from '../target.ts';

interface Options {
  failed?: boolean;
  job?: string;
  follow?: boolean;
}

/** Runs a build again, with the same inputs, as a new build. Where no controller runs, one runs here and has to see it through. */
export async function rerun(context: Context, name: string, options: Options): Promise<number> {
  const what = toRerun(options);
  const interrupts = createInterrupts({ asking: INTERRUPTS_HEARD });
  const connection = await connect(context);
  let last: number | undefined;
  try {
    const build = await connection.client.rerun(buildName(name), what);
    last = build.number;
    if (options.follow === true || connection.embedded !== undefined) {
      return await runToEnd(build, { context, connection, interrupts });
    }
    if (context.options.json === true) await printJson(context, build);
    else await context.out.write(`build ${build.number} runs ${whatOf(what)} of build ${name} again\n`);
    return 0;
  } finally {
    await leave({ connection, last, context, signal: interrupts.next() });
    interrupts.close();
  }
}

/** @throws FootmanError `request-invalid` */
function toRerun({ failed = false, job }: Options): Rerun {
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
