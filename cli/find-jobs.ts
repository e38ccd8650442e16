import { FootmanError } from '#shared/errors';
import type { Client } from './client/index.ts';
import { attemptsOf, findTarget, type Target } from './target.ts';

interface Options {
  /** The words might have meant a pipeline's file as well. */
  orFile?: boolean;
}

/** A target as other commands take it, or a job's id by itself. @throws FootmanError `not-found` */
export async function findJobs(client: Client, text: string, options: Options = {}): Promise<Target> {
  try {
    return await findTarget(client, text);
  } catch (error) {
    if (!isMissing(error) || text.includes('/')) throw error;
    const job = await client.job(text).catch((reason: unknown) => {
      throw isMissing(reason) ? missing(text, options) : reason;
    });
    return { build: await client.build(job.buildId), jobs: [job] };
  }
}

/** The jobs that are named; of a build that is named alone its only one. @throws FootmanError `not-found`, `request-invalid` */
export async function findSingleJobs(client: Client, text: string): Promise<Required<Omit<Target, 'step'>>> {
  const { build, jobs = attemptsOf(build, undefined), step } = await findJobs(client, text);
  if (step !== undefined)
    throw new FootmanError('request-invalid', 'a step has no node of its own', { hint: 'name its job' });
  if (jobs.length > 1 && !text.includes('/')) {
    const keys = jobs.map(({ key }) => `${build.number}/${key}`).join(', ');
    throw new FootmanError('request-invalid', `build ${build.number} has ${jobs.length} jobs`, {
      hint: `name one of ${keys}`,
    });
  }
  return { build, jobs };
}

/** What can't be an id is as unknown as an id that there isn't. */
function isMissing(error: unknown): boolean {
  return error instanceof FootmanError && (error.code === 'not-found' || error.code === 'request-invalid');
}

function missing(text: string, { orFile = false }: Options): FootmanError {
  const [what, names] = orFile
    ? ['file, build', 'a pipeline (build.yaml), a build (12)']
    : ['build', 'a build (12)'];
  return new FootmanError('not-found', `there is no ${what} or job ${text}`, {
    hint: `name ${names} or a job (12/test)`,
  });
}
