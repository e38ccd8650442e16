import type { SubmitDefaults } from '#controller/builds';
import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import type { Change, Journal, Tx } from '#controller/events';
import type { Logger } from '#controller/logger';
import { findBuild, findJob, lockBuildOfJob, patchJob, preparingJobs, type Store } from '#controller/store';
import { adviceOf, toFootmanError } from '#shared/errors';
import { lookAtAwaited } from './awaited.ts';
import { decide } from './decide.ts';
import type { Wish } from './make.ts';
import { planFor, type Plan, type PlanDeps } from './plan.ts';
import { createSourceFiles } from './source-files.ts';
import { verdictOn } from './trouble.ts';
import { give, type Verdict } from './verdict.ts';

/** Decides for each job with `prepare` which image its nodes are made from, and has those made that are missing. */
export interface Preparer {
  /** One pass: each job that is to be decided on is looked at, beside all others. */
  run(signal: AbortSignal): Promise<null>;
  concerns(changes: readonly Change[]): boolean;
  /** Resolves when no job is being looked at. */
  settled(): Promise<void>;
}

interface Deps extends Omit<PlanDeps, 'files'> {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  blobs: Blobs;
  /** For sources that are looked into; nobody else's. */
  folder: string;
  submitDefaults: SubmitDefaults;
}

/** A job that is being looked at, or waits for its image. */
interface Look {
  /** Null between two passes. */
  underWay: Promise<void> | null;
  /** Something has changed meanwhile. */
  isStale: boolean;
  /** Made once, so that a branch that moves does not lead on for ever. */
  plan: Plan | null;
}

/** After the first and each later try that came to nothing. */
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
/** How long what does not answer is asked again. */
const PATIENCE_MS = 5 * 60_000;

/** Each job is on its own: a repository that does not answer keeps no other waiting (I8). */
export function createPreparer(deps: Deps): Preparer {
  const { store, journal, clock, logger, blobs, folder, submitDefaults, signal } = deps;
  const planDeps: PlanDeps = { ...deps, files: createSourceFiles({ blobs, folder, signal }) };
  const looks = new Map<string, Look>();

  return {
    async run() {
      const jobs = new Set((await preparingJobs(store.db)).map(({ id }) => id));
      for (const [id, { underWay }] of looks) if (underWay === null && !jobs.has(id)) looks.delete(id);
      for (const id of jobs) begin(id);
      return null;
    },
    concerns: (changes) => changes.some(isOfPreparation),
    async settled() {
      await Promise.all([...looks.values()].map(async ({ underWay }) => underWay));
    },
  };

  /** Whoever waits, waits for a build. */
  function isOfPreparation({ kind, data }: Change): boolean {
    if (kind === 'job') return data['preparing'] === true;
    return kind === 'build' && data.state === 'finished' && looks.size > 0;
  }

  function begin(id: string): void {
    const look = looks.get(id) ?? { underWay: null, isStale: false, plan: null };
    looks.set(id, look);
    if (look.underWay !== null) look.isStale = true;
    else if (!signal.aborted) look.underWay = follow(id, look).finally(() => end(id, look));
  }

  /** What has changed since it looked for the last time, it has not seen. */
  function end(id: string, look: Look): void {
    look.underWay = null;
    if (look.isStale) begin(id);
  }

  async function follow(id: string, look: Look): Promise<void> {
    let failures = 0;
    let since: number | null = null;
    do {
      look.isStale = false;
      try {
        await lookAt(id, look);
        since = null;
      } catch (error) {
        if (signal.aborted) return;
        since ??= clock.now();
        if (await endure(id, error, clock.now() - since >= PATIENCE_MS)) return;
        look.isStale = true;
        await pause(Math.min(FIRST_RETRY_MS * 2 ** failures++, LAST_RETRY_MS));
      }
    } while (look.isStale && !signal.aborted);
  }

  /** Takes the job as far as it goes now. */
  async function lookAt(id: string, look: Look): Promise<void> {
    for (;;) {
      const known = await settleAwaited(id);
      if (known === 'done') return;
      look.plan ??= await plan(id);
      const { plan: current } = look;
      if (current === null || (await settle(id, (tx, wish) => decide(tx, { ...wish, plan: current }))))
        return;
      // What it was made of has gone.
      look.plan = null;
    }
  }

  async function settleAwaited(id: string): Promise<'done' | 'plan'> {
    let isPlanned = false;
    await settle(id, async (tx, { job, prepare }) => {
      const verdict = await lookAtAwaited(tx, job, prepare);
      isPlanned = verdict === 'plan';
      return typeof verdict === 'string' ? undefined : verdict;
    });
    return isPlanned ? 'plan' : 'done';
  }

  async function plan(id: string): Promise<Plan | null> {
    const job = await findJob(store.db, id);
    const build = job && (await findBuild(store.db, job.build_id));
    const prepare = job?.spec.prepare;
    if (build === undefined || job === undefined || prepare === undefined) return null;
    return planFor(store.db, build, job, prepare, planDeps);
  }

  /** In one commit with what it leads to; false where nothing was decided about a job that is still to be decided on. */
  function settle(
    id: string,
    judge: (tx: Tx, wish: Omit<Wish, 'plan'>) => Promise<Verdict | undefined>,
  ): Promise<boolean> {
    return journal.commit(async (tx) => {
      await lockBuildOfJob(tx.db, id);
      const job = await findJob(tx.db, id);
      if (job?.state !== 'blocked' || job.preparing === 0) return true;
      const build = await findBuild(tx.db, job.build_id);
      const { prepare } = job.spec;
      if (build === undefined || prepare === undefined) return true;
      const verdict = await judge(tx, { build, job, prepare, defaults: submitDefaults });
      if (verdict === undefined) return false;
      await give(tx, job, verdict);
      return true;
    });
  }

  /** Whether that was the last try; people are told why there is another one. */
  async function endure(id: string, error: unknown, isTimeUp: boolean): Promise<boolean> {
    const verdict = verdictOn(error, isTimeUp);
    try {
      if (verdict !== undefined) return await settle(id, async () => verdict);
      logger.warn({ err: error, job: id }, 'a prepared image can not be looked up now; it is tried again');
      await note(id, adviceOf(toFootmanError(error)));
    } catch (problem) {
      logger.error({ err: problem, job: id }, 'what became of a prepared image could not be stored');
    }
    return false;
  }

  async function note(id: string, reason: string): Promise<void> {
    await journal.commit(async (tx) => {
      await lockBuildOfJob(tx.db, id);
      const preparation = (await findJob(tx.db, id))?.preparation ?? null;
      if (preparation !== null)
        await patchJob(tx.db, id, ['blocked'], { preparation: { ...preparation, reason } });
    });
  }

  async function pause(ms: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    const end = (): void => over.resolve();
    const callOff = clock.after(ms, end);
    signal.addEventListener('abort', end, { once: true });
    await over.promise;
    signal.removeEventListener('abort', end);
    callOff();
  }
}
