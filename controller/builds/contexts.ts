import { neededJobs, projectNameOf, type Build, type Db, type Job, type NeededJob } from '#controller/store';
import type { Contexts, Value } from '#shared/expressions';
import { worstOf } from './result.ts';

/** What expressions of the build see under `build`, `parameters` and `env`. */
export async function buildContexts(db: Db, build: Build): Promise<Contexts> {
  return { build: await buildContext(db, build), parameters: build.parameters, env: build.env };
}

/** What expressions of the job see before its steps run: the build's contexts, `matrix` and `needs`. */
export async function jobContexts(
  db: Db,
  build: Build,
  job: Pick<Job, 'matrix' | 'needs'>,
): Promise<Contexts> {
  const needs = needsContext(job.needs, await neededJobs(db, build.id, job.needs));
  return { ...(await buildContexts(db, build)), matrix: job.matrix ?? {}, needs };
}

/** Of a job with a matrix, the worst result counts, and of each output the last value that is not empty. */
function needsContext(needs: readonly string[], jobs: readonly NeededJob[]): Record<string, Value> {
  return Object.fromEntries(
    needs.map((base) => [base, needContext(jobs.filter((job) => job.base === base))]),
  );
}

function needContext(jobs: readonly NeededJob[]): Value {
  const outputs: Record<string, string> = {};
  for (const job of jobs)
    for (const [name, value] of Object.entries(job.outputs ?? {}))
      if (value !== '' || !Object.hasOwn(outputs, name)) outputs[name] = value;
  const cells = jobs.map(({ matrix, result, outputs }) => ({
    matrix: matrix ?? {},
    result,
    outputs: outputs ?? {},
  }));
  return { result: worstOf(jobs), outputs, cells };
}

async function buildContext(db: Db, build: Build): Promise<Value> {
  const { trigger, source } = build;
  const { pullRequest } = trigger;
  return {
    id: build.id,
    number: build.number,
    pipeline: build.pipeline,
    project: await projectNameOf(db, build),
    event: trigger.event,
    commit: source?.commit ?? null,
    ref: source?.ref ?? null,
    branch: trigger.branch ?? null,
    tag: trigger.tag ?? null,
    title: trigger.title ?? null,
    author: trigger.author ?? null,
    actor: trigger.actor ?? null,
    'rerun-of': build.rerun_of,
    'pull-request': pullRequest === undefined ? null : { ...pullRequest },
  };
}
