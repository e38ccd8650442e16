import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { findJobs } from '../find-jobs.ts';
import { attemptsOf } from '../target.ts';
import { formatWaiting, ownTimeZone, type WaitingJob } from '../waiting/index.ts';

/** Says why jobs are waiting: the named ones, or all of a build that wait. */
export async function explainJob(context: Context, text: string): Promise<number> {
  return withClient(context, async (client) => {
    const { build, jobs } = await findJobs(client, text, { orFile: true });
    const answers: WaitingJob[] = [];
    for (const { id, key, hold } of jobs ?? attemptsOf(build, undefined).filter(isWaiting)) {
      const answer = await client.waiting(id, ownTimeZone());
      answers.push({ build: build.number, key, hold, ...answer });
    }
    const { out, style, options } = context;
    if (options.json === true) await printJson(context, { jobs: answers });
    else if (answers.length === 0) await out.write(`no job of build ${build.number} is waiting\n`);
    else
      await out.write(answers.map((answer) => formatWaiting(answer, { style, now: Date.now() })).join('\n'));
    return 0;
  });
}

function isWaiting({ state }: { state: string }): boolean {
  return state === 'blocked' || state === 'queued';
}
