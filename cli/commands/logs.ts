import type { Build, Job, Step } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Client, LogRequest } from '../client/index.ts';
import { withClient } from '../connection/index.ts';
import type { Context } from '../context.ts';
import { followBuild, labelOf, viewFor } from '../run/index.ts';
import { attemptsOf, findTarget } from '../target.ts';
import { searchLogs } from './search-logs.ts';

export interface LogsOptions {
  follow?: boolean;
  attempt?: number;
  tail?: number;
  /** Milliseconds since the epoch. */
  since?: number;
  lines?: { line: number; lines?: number };
  grep?: string;
  ignoreCase?: boolean;
}

/** Shows what a step wrote, byte for byte; of several steps, each under a line that names it. */
export async function logs(context: Context, text: string, options: LogsOptions): Promise<number> {
  const request = {
    tail: options.tail,
    since: options.since,
    ...options.lines,
  };
  requireSense(options);
  return withClient(context, async (client) => {
    const { build, jobs, step } = await findTarget(client, text, options);
    if (options.grep !== undefined) {
      const search = { text: options.grep, ignoreCase: options.ignoreCase };
      const all = jobs ?? attemptsOf(build, options.attempt);
      return searchLogs(context, client, step ?? all, search);
    }
    if (step !== undefined) await copy(context, client, step, { ...request, follow: options.follow });
    else if (options.follow === true && build.state !== 'finished')
      await follow(context, client, build, jobs, request);
    else await copyAll(context, client, jobs ?? attemptsOf(build, options.attempt), request);
    return 0;
  });
}

/** @throws FootmanError `request-invalid` for options that contradict each other */
function requireSense({ tail, since, lines, grep, follow: isFollowing, ignoreCase }: LogsOptions): void {
  const parts = Object.entries({ tail, since, lines, grep }).filter(([, value]) => value !== undefined);
  const names = parts.map(([name]) => `--${name}`);
  if (names.length > 1)
    throw new FootmanError('request-invalid', `of ${names.join(' and ')} only one makes sense`);
  if (isFollowing === true && (lines ?? grep) !== undefined)
    throw new FootmanError(
      'request-invalid',
      `${names[0]} reads what is there: it makes no sense with --follow`,
    );
  if (ignoreCase === true && grep === undefined)
    throw new FootmanError('request-invalid', '--ignore-case makes sense with --grep alone');
}

async function copy({ out }: Context, client: Client, { id }: Step, request: LogRequest): Promise<void> {
  for await (const bytes of client.log(id, request, out.closed)) await out.write(bytes);
}

async function copyAll(
  context: Context,
  client: Client,
  jobs: readonly Job[],
  request: LogRequest,
): Promise<void> {
  const { out, style } = context;
  for (const job of jobs) {
    for (const step of job.steps.filter(({ startedAt }) => startedAt !== null)) {
      await out.write(`${style.paint('bold', `==> ${labelOf(job)}: ${step.name} <==`)}\n`);
      let last: number | undefined;
      for await (const bytes of client.log(step.id, request, out.closed)) {
        last = bytes.at(-1) ?? last;
        await out.write(bytes);
      }
      if (last !== undefined && last !== 0x0a) await out.write('\n');
    }
  }
}

/** Everything of the build, or of some of its jobs and their later attempts, until the build ends. */
async function follow(
  context: Context,
  client: Client,
  build: Build,
  jobs: readonly Job[] | undefined,
  request: LogRequest,
): Promise<void> {
  const { tail, since } = request;
  await followBuild(build, {
    client,
    view: viewFor(context),
    includes: (job) => jobs === undefined || jobs.some((one) => isOf(job, one)),
    log: { tail, since },
    signal: context.out.closed,
  });
}

/** A job that is named before its matrix is known stands for all its cells. */
function isOf(job: Job, { key, attempt }: Job): boolean {
  return [job.key, job.base].includes(key) && job.attempt >= attempt;
}
