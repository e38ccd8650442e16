import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { findTarget } from '../target.ts';
import { FootmanError } from '#shared/errors';

/** Asks a build, or one job of it, to stop; it does not wait for it. */
export async function cancel(context: Context, text: string): Promise<number> {
  return withClient(context, async (client) => {
    const { build, job, step } = await findTarget(client, text);
    if (step !== undefined)
      throw new FootmanError('request-invalid', 'a step can only be cancelled with its job');
    const answer = job === undefined ? await client.cancelBuild(build.id) : await client.cancelJob(job.id);
    const what = job === undefined ? `build ${build.number}` : `job ${job.key} of build ${build.number}`;
    if (context.options.json === true) await printJson(context, answer);
    else if (answer.state === 'finished') await context.out.write(`${what} has ended: ${answer.result}\n`);
    else await context.out.write(`${what} is being cancelled\n`);
    return 0;
  });
}
