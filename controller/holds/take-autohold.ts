import type { Tx } from '#controller/events';
import { fits, parseFlatGlob } from '#controller/globs';
import {
  projectNameOf,
  spendAutohold,
  standingAutoholds,
  type Autohold,
  type Build,
  type HoldWish,
  type Job,
} from '#controller/store';

/** What a rule is compared with. */
interface Failure {
  project: string | null;
  pipeline: string;
  job: string;
  branch: string | null;
}

/** The wish of the oldest standing rule that matches this failure, which has then one less to hold. */
export async function takeAutohold(tx: Tx, build: Build, job: Job): Promise<HoldWish | undefined> {
  const rules = (await standingAutoholds(tx.db)).filter(({ expires_at: at }) => at > tx.at);
  if (rules.length === 0) return undefined;
  const failure = {
    project: await projectNameOf(tx.db, build),
    pipeline: build.pipeline,
    job: job.key,
    branch: build.trigger.branch ?? null,
  };
  for (const rule of rules) {
    if (!matches(rule, failure)) continue;
    const spent = await spendAutohold(tx.db, rule.id, tx.at);
    if (spent === undefined) continue;
    const state = spent.ended_at === null ? 'standing' : 'ended';
    await tx.record({ kind: 'autohold', data: { id: rule.id, state, remaining: spent.remaining } });
    const { owner, reason, for_ms: forMs, keys } = rule;
    return { on: 'failure', origin: 'autohold', owner, reason, forMs, keys };
  }
  return undefined;
}

/** A cell of a matrix is known by its key, `test (3)`, and by the job's own, `test`. */
function matches(rule: Autohold, { project, pipeline, job, branch }: Failure): boolean {
  const base = job.split(' ')[0] ?? job;
  return (
    (rule.project === null || rule.project === project) &&
    isLike(rule.pipeline, pipeline) &&
    (isLike(rule.job, job) || isLike(rule.job, base)) &&
    (rule.branch === null || (branch !== null && isLike(rule.branch, branch)))
  );
}

/** Jobs end while it is matched: no glob may take long. */
function isLike(glob: string | null, text: string): boolean {
  return glob === null || glob === text || fits(text, parseFlatGlob(glob), { left: Infinity });
}
