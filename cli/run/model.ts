import type { Build, Event, Job, Step } from '#controller/api';

/** What an event changed, as it was right after it. */
export interface Change {
  job: Job;
  /** Absent where the job itself changed. */
  step?: Step;
}

/** A build that follows its events: as the API shows it, but as of the last event. */
export interface Model {
  readonly build: Build;
  readonly jobs: readonly Job[];
  apply(event: Event): Change | undefined;
}

/** The build may have gone on since its first events: it is taken back to its beginning. */
export function createModel(given: Build): Model {
  const build = structuredClone(given);
  build.state = 'queued';
  const jobs = new Map(build.jobs.map((job) => [job.id, reset(job)]));
  const steps = new Map(build.jobs.flatMap((job) => job.steps.map((step) => [step.id, { job, step }])));

  return { build, jobs: build.jobs, apply };

  function apply({ kind, at, data }: Event): Change | undefined {
    if (kind === 'build') {
      build.state = data.state as Build['state'];
      return undefined;
    }
    if (kind === 'job') return applyToJob(jobs.get(data.id), at, data);
    return kind === 'step' ? applyToStep(steps.get(data.id), at, data) : undefined;
  }
}

function applyToJob(job: Job | undefined, at: number, data: Event['data']): Change | undefined {
  if (job === undefined) return undefined;
  const moved = job.state !== data.state;
  job.state = data.state as Job['state'];
  job.result = data['result'] as Job['result'];
  job.reason = data['reason'] as Job['reason'];
  if (moved) job.stateSince = at;
  return moved ? { job: { ...job } } : undefined;
}

function applyToStep(
  place: { job: Job; step: Step } | undefined,
  at: number,
  data: Event['data'],
): Change | undefined {
  if (place === undefined) return undefined;
  const { job, step } = place;
  step.state = data.state as Step['state'];
  step.result = data['result'] as Step['result'];
  step.message = (data['message'] ?? null) as Step['message'];
  if (step.state === 'running') step.startedAt = at;
  if (step.state === 'finished') step.finishedAt = at;
  return { job: { ...job }, step: { ...step } };
}

function reset(job: Job): Job {
  job.state = 'blocked';
  job.result = null;
  job.reason = null;
  for (const step of job.steps)
    Object.assign(step, { state: 'pending', result: null, startedAt: null, finishedAt: null });
  return job;
}
