import { addJob, advanceBuild, ownRow, sentByHand, submitIn, type SubmitDefaults } from '#controller/builds';
import type { Tx } from '#controller/events';
import type { Template } from '#controller/fleet';
import {
  findBuild,
  findJob,
  findJobByKey,
  type Db,
  type ImageVersion,
  type Job,
  type WantedImages,
} from '#controller/store';
import { format } from '#shared/labels';
import type { Job as JobSpec, Pipeline, RunStep } from '#shared/pipeline';
import { moveVersion } from './life-cycle.ts';
import { becomeReady, explainOthers, lockStreams } from './promotions.ts';

/** Of a verification to which no job of a pipeline lends its own. */
const TIMEOUT_MS = 60 * 60_000;
const PRIORITY = 50;

/** That a node comes up and passes its checks is a verification, too. */
const NOTHING: RunStep = {
  kind: 'run',
  name: 'true',
  run: 'true',
  shell: 'sh',
  conditions: [],
  env: {},
  continueOnError: false,
};

/**
 * Has the captured version looked at by a job of the build that made it, with the values of the job that was captured. One that wants no such
 * look is ready. The caller ends `job` in the same transaction, which queues the new one.
 */
export async function beginVerification(tx: Tx, candidate: ImageVersion, job: Job): Promise<void> {
  if (candidate.verify === null) {
    await becomeReady(tx, candidate);
    return;
  }
  const build = await findBuild(tx.db, job.build_id);
  if (build === undefined) throw new Error(`job ${job.id} has no build`);
  const { env, binding, priority } = job.spec;
  const spec = specOf(candidate, {
    id: `${job.key} (verify ${candidate.stream})`,
    name: `${job.name} (verify ${candidate.stream})`,
    runsOn: job.runs_on,
    env,
    timeoutMs: job.timeout_ms,
    priority,
    ...(binding !== undefined && { binding }),
  });
  const { matrix, resolved, runs_on, timeout_ms, queue_timeout_ms, continue_on_error } = job;
  const inherited = { matrix, resolved, runs_on, timeout_ms, queue_timeout_ms, continue_on_error };
  const own = { purpose: 'verify' as const, images: imagesOf(candidate) };
  const { id } = await addJob(tx, build, spec, { ...inherited, ...own });
  await moveVersion(tx, candidate.id, ['candidate'], 'verifying', { verify_job_id: id });
}

/** Has a version that somebody imported looked at, by a build that does nothing else. Its template is the one that it was imported for. */
export async function verifyImported(
  tx: Tx,
  candidate: ImageVersion,
  template: Pick<Template, 'labels'> | undefined,
  defaults: SubmitDefaults,
): Promise<void> {
  await lockStreams(tx, candidate);
  if (candidate.verify === null) {
    await becomeReady(tx, candidate);
    return;
  }
  const [label] = template?.labels ?? [];
  if (label === undefined) {
    const name = `${candidate.cloud}/${candidate.template}`;
    const reason =
      template === undefined ? `template ${name} is not configured` : `template ${name} has no label`;
    await moveVersion(tx, candidate.id, ['candidate'], 'failed', { reason });
    return;
  }
  const spec = specOf(candidate, {
    id: 'verify',
    name: 'verify',
    runsOn: format({ kind: 'atom', label }),
    env: {},
    timeoutMs: TIMEOUT_MS,
    priority: PRIORITY,
  });
  let jobId: string | undefined;
  const submission = sentByHand({ pipeline: pipelineOf(candidate, spec), file: candidate.name });
  await submitIn(tx, submission, defaults, (build) => {
    const own = { purpose: 'verify' as const, images: imagesOf(candidate) };
    const row = ownRow(tx, build, spec, { ...own, queue_timeout_ms: defaults.queueTimeoutMs });
    jobId = row.id;
    return [row];
  });
  await moveVersion(tx, candidate.id, ['candidate'], 'verifying', { verify_job_id: jobId ?? null });
}

/** The newest attempt at the version's verification. */
export async function verifierOf(db: Db, { verify_job_id: id }: ImageVersion): Promise<Job | undefined> {
  const first = id === null ? undefined : await findJob(db, id);
  return first && findJobByKey(db, first.build_id, first.key);
}

/** The version is what its verification found, once that has ended; its build, which waits for this, goes on. */
export async function endVerification(tx: Tx, version: ImageVersion): Promise<void> {
  await lockStreams(tx, version);
  const job = await verifierOf(tx.db, version);
  if (job !== undefined && job.state !== 'finished') return;
  await conclude(tx, version, job);
  if (version.build_id !== null) await advanceBuild(tx, version.build_id);
}

async function conclude(tx: Tx, version: ImageVersion, job: Job | undefined): Promise<void> {
  if (job?.result === 'success') {
    await becomeReady(tx, version);
    return;
  }
  const why = job?.reason ? `: ${job.reason}` : '';
  const reason = job === undefined ? 'its verification is gone' : `job ${job.key} ended ${job.result}${why}`;
  const failed = await moveVersion(tx, version.id, ['verifying'], 'failed', { reason });
  if (failed !== undefined) await explainOthers(tx, failed);
}

type OwnPart = Pick<JobSpec, 'id' | 'name' | 'runsOn' | 'env' | 'timeoutMs' | 'priority' | 'binding'>;

function specOf({ verify }: ImageVersion, own: OwnPart): JobSpec {
  return {
    ...own,
    needs: [],
    conditions: [],
    retry: { max: 1, on: ['errored'], delayMs: 0 },
    continueOnError: false,
    outputs: {},
    steps: verify === null || verify.length === 0 ? [NOTHING] : verify,
    post: { timeoutMs: 0, steps: [] },
    artifacts: [],
  };
}

function pipelineOf({ stream }: ImageVersion, job: JobSpec): Pipeline {
  return { name: `verify ${stream}`, on: { schedule: [], parameters: {} }, env: {}, jobs: [job] };
}

/** A node of this very version, and no other. */
function imagesOf({ id, cloud, template }: ImageVersion): WantedImages {
  return { [`${cloud}/${template}`]: id };
}
