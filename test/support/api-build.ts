import type { Build, Job, Step } from '#controller/api';
import { moveJob, moveStep } from '#controller/builds';
import type { ApiServer } from '#test/api-server';

/** The parts of a build with one job of one step, which a test moves by hand. */
export interface HandMadeBuild {
  build: Build;
  job: Job;
  step: Step;
  /** The names of the step's log. */
  log: { build: string; job: string; step: string };
}

/** Submits a build with one job; its step is running. */
export async function runningBuild(api: ApiServer, extra = ''): Promise<HandMadeBuild> {
  const pipeline = `jobs: { a: { runs-on: linux, steps: [{ run: "true" }]${extra} } }`;
  const submitted = (await (await api.post('/builds', { file: 'a.yaml', pipeline })).json()) as Build;
  const build = await api.get<Build>(`/builds/${submitted.id}`);
  const [job] = build.jobs;
  const [step] = job?.steps ?? [];
  if (job === undefined || step === undefined) throw new Error('the build has no step');
  await api.journal.commit(async (tx) => {
    await moveJob(tx, job.id, ['queued'], 'leased');
    await moveJob(tx, job.id, ['leased'], 'running', { started_at: tx.at });
    await moveStep(tx, { id: job.id, build_id: build.id }, step.id, ['pending'], 'running', {
      started_at: tx.at,
    });
  });
  return { build, job, step, log: { build: build.id, job: job.id, step: step.id } };
}

export async function finishStep(api: ApiServer, { job, step }: HandMadeBuild): Promise<void> {
  await api.journal.commit((tx) =>
    moveStep(tx, { id: job.id, build_id: job.buildId }, step.id, ['running'], 'finished', {
      result: 'success',
      finished_at: tx.at,
    }),
  );
}
