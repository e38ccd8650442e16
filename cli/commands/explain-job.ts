import { FootmanError } from '#shared/errors';
import type { Client } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { attemptsOf, findTarget, type Target } from '../target.ts';
import { formatWaiting, ownTimeZone, type WaitingJob } from '../waiting/index.ts';

/** Says why jobs are waiting: the named ones, or all of a build that wait. */
export async function explainJob(context: Context, text: string): Promise<number> {
  return withClient(context, async (client) => {
    const { build, jobs } = await jobsNamed(client, text);
    const answers: WaitingJob[] = [];
    for (const { id, key } of jobs ?? attemptsOf(build, undefined).filter(isWaiting)) {
      const answer = await client.waiting(id, ownTimeZone());
      answers.push({ build: build.number, key, ...answer });
    }
    const { out, style, options } = context;
    if (options.json === true) await printJson(context, { jobs: answers });
    else if (answers.length === 0) await out.write(`no job of build ${build.number} is waiting\n`);
    else
      await out.write(answers.map((answer) => formatWaiting(answer, { style, now: Date.now() })).join('\n'));
    return 0;
  });
}

/** A target as other commands take it, or a job's id by itself. */
async function jobsNamed(client: Client, text: string): Promise<Target> {
  try {
    return await findTarget(client, text);
  } catch (error) {
    if (!isMissing(error) || text.includes('/')) throw error;
    const job = await client.job(text).catch((reason: unknown) => {
      throw isMissing(reason) ? missing(text) : reason;
    });
    return { build: await client.build(job.buildId), jobs: [job] };
  }
}

function isWaiting({ state }: { state: string }): boolean {
  return state === 'blocked' || state === 'queued';
}

/** What can't be an id is as unknown as an id that there isn't. */
function isMissing(error: unknown): boolean {
  return error instanceof FootmanError && (error.code === 'not-found' || error.code === 'request-invalid');
}

function missing(text: string): FootmanError {
  return new FootmanError('not-found', `there is no file, build or job ${text}`, {
    hint: 'name a pipeline (build.yaml), a build (12) or a job (12/test)',
  });
}
