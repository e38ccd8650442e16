import type { Build, Job, Step } from '#controller/api';
import { FootmanError } from '#shared/errors';
import { duration } from '#shared/quantity';
import type { Client, LogRequest } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { followBuild, viewFor } from '../run/index.ts';
import { findTarget } from '../target.ts';

interface Options {
  follow?: boolean;
  tail?: number;
  since?: string;
}

/** Shows what a step wrote, byte for byte; of several steps, each under a line that names it. */
export async function logs(context: Context, text: string, options: Options): Promise<number> {
  const request = {
    tail: options.tail,
    since: options.since === undefined ? undefined : toTime(options.since),
  };
  if (request.tail !== undefined && request.since !== undefined) {
    throw new FootmanError('request-invalid', 'of --tail and --since only one makes sense');
  }
  return withClient(context, async (client) => {
    const { build, job, step } = await findTarget(client, text);
    const steps = step === undefined || job === undefined ? stepsOf(build, job) : [{ job, step }];
    const [only] = steps;
    if (step !== undefined && only !== undefined)
      await copy(context, client, only.step, { ...request, follow: options.follow });
    else if (options.follow === true && build.state !== 'finished')
      await follow(context, client, build, job, request);
    else await copyAll(context, client, steps, request);
    return 0;
  });
}

interface Place {
  job: Job;
  step: Step;
}

function stepsOf({ jobs }: Build, job: Job | undefined): Place[] {
  return (job === undefined ? jobs : [job]).flatMap((one) => one.steps.map((step) => ({ job: one, step })));
}

async function copy({ out }: Context, client: Client, { id }: Step, request: LogRequest): Promise<void> {
  for await (const bytes of client.log(id, request, out.closed)) await out.write(bytes);
}

async function copyAll(
  context: Context,
  client: Client,
  places: readonly Place[],
  request: LogRequest,
): Promise<void> {
  const { out, style } = context;
  for (const { job, step } of places) {
    if (step.startedAt === null) continue;
    await out.write(`${style.paint('bold', `==> ${job.key}: ${step.name} <==`)}\n`);
    let last: number | undefined;
    for await (const bytes of client.log(step.id, request, out.closed)) {
      last = bytes.at(-1) ?? last;
      await out.write(bytes);
    }
    if (last !== undefined && last !== 0x0a) await out.write('\n');
  }
}

/** Everything of the build, or of one of its jobs, until the build ends. */
async function follow(
  context: Context,
  client: Client,
  build: Build,
  job: Job | undefined,
  request: LogRequest,
): Promise<void> {
  const followed = job === undefined ? build : { ...build, jobs: [job] };
  const { tail, since } = request;
  await followBuild(followed, {
    client,
    view: viewFor(context),
    log: { tail, since },
    signal: context.out.closed,
  });
}

function toTime(text: string): number {
  const ago = duration.safeParse(text);
  if (ago.success) return Date.now() - ago.data;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new FootmanError('request-invalid', `${text} is neither a time nor a duration`, {
    hint: 'write 2026-01-31T12:00:00Z or 10m',
  });
}
