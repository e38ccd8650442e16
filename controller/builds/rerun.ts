import type { Journal, Tx } from '#controller/events';
import {
  findBuild,
  jobsOfBuild,
  lockBuild,
  newId,
  versionsOfBuild,
  type Build,
  type HoldWish,
  type Job,
  type NewJob,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Contexts } from '#shared/expressions';
import { freshRows } from './job-rows.ts';
import type { SubmitDefaults } from './submission.ts';
import { submitIn } from './submit.ts';

/** What is to be done again; a job is named by its key, or by its id under `jobs:` for all cells of its matrix. */
export type Rerun = { which: 'all' } | { which: 'failed' } | { which: 'job'; job: string };

/**
 * Repeats a finished build with the same inputs, as a build of its own: what was is never changed. Where not all is repeated, the other jobs
 * stand in it with the results and outputs that they had; whatever needs a repeated job is repeated too. What was asked of the nodes of the old
 * build's jobs is nobody's wish here; `wishIn` gives what is asked of those of all that are repeated.
 *
 * @throws FootmanError `not-found`, or `conflict` when it has not ended or has nothing to repeat.
 */
export function rerunBuild(
  journal: Journal,
  buildId: string,
  rerun: Rerun,
  defaults: SubmitDefaults,
  wishIn?: (tx: Tx) => Promise<HoldWish>,
): Promise<Build> {
  return journal.commit(async (tx) => {
    // Nobody removes what this one is about to need.
    await lockBuild(tx.db, buildId);
    const old = await findBuild(tx.db, buildId);
    if (old === undefined) throw new FootmanError('not-found', `there is no build ${buildId}`);
    if (old.state !== 'finished')
      throw new FootmanError('conflict', `build #${old.number} has not ended`, {
        hint: 'wait for it, or cancel it first',
      });
    if (old.trigger.event === 'preparation')
      throw new FootmanError('conflict', `build #${old.number} made an image for other builds`, {
        hint: 'rerun one of those: where the image is missing, it is made anew',
      });
    if (old.trigger.event === 'resume')
      throw new FootmanError('conflict', `build #${old.number} started the captured machine of a hold`, {
        hint: 'footman hold resume starts it again',
      });
    const { jobs, failed } = await ownJobs(tx, old);
    const again = rerun.which === 'all' ? jobs : chosen(old, jobs, failed, rerun);
    const hold = (await wishIn?.(tx)) ?? null;
    return submitIn(tx, submissionOf(old), defaults, (build, contexts) =>
      rowsFor(tx, build, contexts, jobs, again, defaults).map((row) =>
        row.state === 'finished' ? row : wishing(row, hold),
      ),
    );
  });
}

function wishing(row: NewJob, hold: HoldWish | null): NewJob {
  return { ...row, hold };
}

/**
 * The jobs of the pipeline, as they count at last. Those that verify an image are not among them: whoever makes the image again verifies it
 * again, so that one of them that failed is a failure of the job that made it.
 */
async function ownJobs(tx: Tx, old: Build): Promise<{ jobs: Job[]; failed: ReadonlySet<string> }> {
  const all = (await jobsOfBuild(tx.db, old.id)).filter(({ superseded }) => superseded === 0);
  const jobs = all.filter(({ purpose }) => purpose === 'job');
  if (jobs.length === 0)
    throw new FootmanError('conflict', `build #${old.number} has verified an image, which it does once`);
  const broken = all.filter(({ result }) => result !== 'success' && result !== 'skipped');
  const unverified = new Set(broken.flatMap(({ purpose, images }) => versionsIn(purpose, images)));
  const made = unverified.size === 0 ? [] : await versionsOfBuild(tx.db, old.id);
  const makers = made.filter(({ id }) => unverified.has(id)).map(({ job_id: maker }) => maker ?? '');
  return { jobs, failed: new Set([...broken.map(({ id }) => id), ...makers]) };
}

function versionsIn(purpose: Job['purpose'], images: Job['images']): string[] {
  return purpose === 'verify' ? Object.values(images ?? {}).filter((id) => id !== null) : [];
}

function submissionOf(old: Build): Parameters<typeof submitIn>[1] {
  return {
    pipeline: old.definition,
    file: old.file,
    source: old.source,
    projectId: old.project_id,
    trigger: old.trigger,
    parameters: old.parameters,
    trust: old.trust,
    rerunOf: old.id,
  };
}

function chosen(
  old: Build,
  jobs: readonly Job[],
  failed: ReadonlySet<string>,
  rerun: Exclude<Rerun, { which: 'all' }>,
): Job[] {
  const found =
    rerun.which === 'failed'
      ? jobs.filter(({ id }) => failed.has(id))
      : jobs.filter(({ key, base }) => key === rerun.job || base === rerun.job);
  if (found.length > 0) return found;
  if (rerun.which === 'failed') throw new FootmanError('conflict', `no job of build #${old.number} failed`);
  const keys = jobs.map(({ key }) => key).join(', ');
  throw new FootmanError('not-found', `build #${old.number} has no job ${rerun.job}`, {
    hint: `its jobs: ${keys}`,
  });
}

/** Chosen cells begin anew, one by one; a job that needs one of them begins as if it had never been, its matrix included. */
function rowsFor(
  tx: Tx,
  build: Build,
  contexts: Contexts,
  jobs: readonly Job[],
  again: readonly Job[],
  defaults: SubmitDefaults,
): NewJob[] {
  const rows: NewJob[] = [];
  const chosenIds = new Set(again.map(({ id }) => id));
  const downstream = dependents(build, new Set(again.map(({ base }) => base)));
  for (const [index, spec] of build.definition.jobs.entries()) {
    const own = jobs.filter(({ base }) => base === spec.id);
    const isWhole = own.every(({ id }) => chosenIds.has(id));
    if (isWhole || downstream.has(spec.id)) {
      rows.push(...freshRows(tx, build.id, spec, index, contexts, defaults));
      continue;
    }
    rows.push(...own.map((job) => (chosenIds.has(job.id) ? begunAnew(tx, build, job) : reused(build, job))));
  }
  return rows;
}

/** Ids of the jobs that need one of these, over any number of others. */
function dependents(build: Build, bases: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (let grown = true; grown;) {
    grown = false;
    for (const { id, needs } of build.definition.jobs) {
      if (found.has(id) || !needs.some((need) => bases.has(need) || found.has(need))) continue;
      found.add(id);
      grown = true;
    }
  }
  return found;
}

function begunAnew(tx: Tx, build: Build, job: Job): NewJob {
  return {
    ...job,
    ...FIRST_ATTEMPT,
    id: newId(),
    build_id: build.id,
    state: 'blocked',
    state_since: tx.at,
    result: null,
    reason: null,
    resolved: null,
    images: null,
    preparation: null,
    preparing: 0,
    outputs: null,
    reused_from: null,
    queued_at: null,
    started_at: null,
    finished_at: null,
  };
}

function reused(build: Build, job: Job): NewJob {
  return {
    ...job,
    ...FIRST_ATTEMPT,
    id: newId(),
    build_id: build.id,
    hold: null,
    reused_from: job.reused_from ?? job.id,
  };
}

const FIRST_ATTEMPT = {
  attempt: 1,
  superseded: 0,
  not_before: null,
  rank: null,
  concurrency_group: null,
  concurrency_limit: null,
  cancel_requested_at: null,
} as const satisfies Partial<NewJob>;
