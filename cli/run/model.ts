import type { Build, Event, Job, Step } from '#controller/api';
import { endsBadly } from '../terminal/index.ts';

/** What an event changed, as it was right after it. */
export interface Change {
  job: Job;
  /** Absent where the job itself changed. */
  step?: Step;
  /** The attempt that takes the place of this one. */
  next?: Job;
}

/** A build that follows its events: as the API shows it, but as of the last event. */
export interface Model {
  readonly build: Build;
  /**
   * Whether only the controller can say what the event means: it is of a new job or step, of a job that became a cell of a matrix, or
   * of a failure, which may be allowed or retried.
   */
  isNews(event: Event): boolean;
  /** Takes in what the controller says of the build now, without running ahead of its events. */
  update(now: Build): void;
  apply(event: Event): Change | undefined;
}

/** What only events change. */
type JobMoves = Pick<Job, 'state' | 'stateSince' | 'result' | 'reason'>;
type StepMoves = Pick<Step, 'state' | 'result' | 'message' | 'startedAt' | 'finishedAt'> &
  // Until it starts, a step is called what its pipeline calls it, expressions and all.
  Partial<Pick<Step, 'name'>>;

const NEW_JOB: Omit<JobMoves, 'stateSince'> = { state: 'blocked', result: null, reason: null };
const NEW_STEP: StepMoves = {
  state: 'pending',
  result: null,
  message: null,
  startedAt: null,
  finishedAt: null,
};

/** The build may have gone on since its first events: it is taken back to its beginning. It has only the jobs that `includes` wants. */
export function createModel(given: Build, includes: (job: Job) => boolean = () => true): Model {
  const build: Build = { ...given, state: 'queued' };
  const jobMoves = new Map<string, JobMoves>();
  const stepMoves = new Map<string, StepMoves>();
  /** By id, what the controller said last. */
  const told = new Map<string, Pick<Job | Step, 'state'> & { key?: string }>();
  update(given);

  return { build, isNews, update, apply };

  function isNews({ kind, data }: Event): boolean {
    if (kind !== 'job' && kind !== 'step') return false;
    const known = told.get(data.id);
    if (known === undefined) return true;
    if (kind === 'job' && data.state === 'blocked') return data['key'] !== known.key;
    return known.state !== 'finished' && endsBadly(data['result'] as Job['result']);
  }

  function update(now: Build): void {
    for (const one of now.jobs.flatMap((job) => [job, ...job.steps])) told.set(one.id, one);
    build.jobs = now.jobs.filter(includes).map(asOfEvents);
  }

  function asOfEvents(job: Job): Job {
    // What a rerun took over from an earlier build has no events in this one.
    if (job.reusedFrom !== null) return job;
    const steps = job.steps.map((step) => ({ ...step, ...(stepMoves.get(step.id) ?? NEW_STEP) }));
    return { ...job, ...(jobMoves.get(job.id) ?? NEW_JOB), steps };
  }

  function apply({ kind, jobId, at, data }: Event): Change | undefined {
    if (kind === 'build') build.state = data.state as Build['state'];
    const place = build.jobs.findIndex(({ id }) => id === jobId);
    const before = build.jobs[place];
    if (before === undefined) return undefined;
    if (kind === 'step') {
      stepMoves.set(
        data.id,
        movedStep(
          before.steps.find(({ id }) => id === data.id),
          at,
          data,
        ),
      );
    } else if (kind === 'job') jobMoves.set(data.id, movedJob(before, at, data));
    else return undefined;
    const job = asOfEvents(before);
    build.jobs[place] = job;
    if (kind === 'job') return job.state === before.state ? undefined : { job, ...nextOf(job) };
    const step = job.steps.find(({ id }) => id === data.id);
    return step === undefined ? undefined : { job, step };
  }

  function nextOf({ key, attempt, superseded }: Job): { next?: Job } {
    const next = build.jobs.find((one) => one.key === key && one.attempt === attempt + 1);
    return superseded && next !== undefined ? { next } : {};
  }
}

function movedJob({ state, stateSince }: Job, at: number, data: Event['data']): JobMoves {
  return {
    state: data.state as Job['state'],
    stateSince: data.state === state ? stateSince : at,
    result: data['result'] as Job['result'],
    reason: data['reason'] as Job['reason'],
  };
}

function movedStep(before: Step | undefined, at: number, data: Event['data']): StepMoves {
  const state = data.state as Step['state'];
  const name = data['name'] as Step['name'] | undefined;
  return {
    ...(name === undefined ? {} : { name }),
    state,
    result: data['result'] as Step['result'],
    message: (data['message'] ?? null) as Step['message'],
    startedAt: state === 'running' ? at : (before?.startedAt ?? null),
    finishedAt: state === 'finished' ? at : null,
  };
}
