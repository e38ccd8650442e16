import type { BuildSummary, Job } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Client } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { findTarget, type Target } from '../target.ts';

interface Options {
  job?: string;
  force?: boolean;
}

/** Asks a build, or one job of it, to stop; it does not wait for it. By force, neither post steps nor a grace are left to it. */
export async function cancel(
  context: Context,
  text: string,
  { job: key, force = false }: Options,
): Promise<number> {
  return withClient(context, async (client) => {
    const target = await findTarget(client, text, { job: key });
    for (const { what, answer } of await ask(client, target, force)) {
      const { out, options } = context;
      if (options.json === true) await printJson(context, answer);
      else if (answer.state === 'finished') await out.write(`${what} has ended: ${answer.result}\n`);
      else await out.write(`${what} is being cancelled${force ? ' by force' : ''}\n`);
    }
    return 0;
  });
}

interface Asked {
  what: string;
  answer: BuildSummary | Job;
}

async function ask(client: Client, { build, jobs, step }: Target, force: boolean): Promise<Asked[]> {
  if (step !== undefined)
    throw new FootmanError('request-invalid', 'a step can only be cancelled with its job');
  if (jobs === undefined) {
    return [{ what: `build ${build.number}`, answer: await client.cancelBuild(build.id, { force }) }];
  }
  const asked: Asked[] = [];
  for (const { id, key } of jobs) {
    asked.push({
      what: `job ${key} of build ${build.number}`,
      answer: await client.cancelJob(id, { force }),
    });
  }
  return asked;
}
