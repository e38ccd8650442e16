import { moveArtifact } from '#controller/artifacts';
import type { Blobs } from '#controller/blobs';
import type { Journal } from '#controller/events';
import {
  artifactsOfJob,
  putFiles,
  type Artifact,
  type Job,
  type NewArtifact,
  type ArtifactState,
  type Result,
  type Store,
} from '#controller/store';
import { messageOf } from '#shared/errors';
import type { Artifact as ArtifactSpec } from '#shared/pipeline';
import { abortable } from '#shared/abortable';
import type { Activity, AgentLink } from './activity.ts';
import { createArtifactRun, type ArtifactReport } from './artifact-run.ts';
import { hasCode } from './has-code.ts';
import type { LeaseLimits } from './limits.ts';

interface Task {
  store: Store;
  journal: Journal;
  blobs: Blobs;
  limits: LeaseLimits;
  job: Job;
  artifact: Artifact;
  /** What is to be collected, without templates. @throws FootmanError `expression-failed` */
  resolve(): ArtifactSpec;
  jobResult: Result;
  link: AgentLink;
  begin(activity: Activity): void;
  /** Aborted, with an error that says why, when no more time is left for artifacts. */
  budget: AbortSignal;
  /** Aborted when this controller lets go of the job. */
  signal: AbortSignal;
}

/** Collects one artifact, or says why not. It never throws for what goes wrong with the artifact: that is not its job's result (L14). */
export async function collectArtifact(task: Task): Promise<void> {
  const { artifact, jobResult } = task;
  // An earlier life of the controller has been here.
  if (artifact.state !== 'pending' && artifact.state !== 'collecting') return;
  const spec = await evaluate(task);
  if (typeof spec === 'string') return settle(task, 'failed', { reason: spec });
  const { name } = spec;
  if (!isWanted(spec, jobResult))
    return settle(task, 'empty', { name, reason: `kept only after ${spec.when}` });
  await settle(task, 'collecting', { name });
  const report = await collect(task, spec);
  if (!report.ok) return settle(task, 'failed', { reason: report.reason });
  if (report.files.length > 0) return publish(task, report);
  const reason = 'its paths matched no file';
  if (spec.ifEmpty === 'error') await settle(task, 'failed', { reason });
  else await settle(task, 'empty', { reason: spec.ifEmpty === 'warn' ? reason : null });
}

/** The spec, or why there is none as a sentence. Only now it shows whether two artifacts are called the same. */
async function evaluate({ store, job, artifact, resolve }: Task): Promise<ArtifactSpec | string> {
  try {
    const spec = resolve();
    const others = (await artifactsOfJob(store.db, job.id)).filter(({ id }) => id !== artifact.id);
    const isTaken = others.some(({ name, state }) => name === spec.name && state !== 'pending');
    return isTaken ? `another artifact of its job is called ${spec.name}` : spec;
  } catch (error) {
    if (!hasCode(error, 'expression-failed')) throw error;
    return error.message;
  }
}

async function collect(
  { limits, artifact, blobs, link, begin, budget, signal }: Task,
  { paths, exclude }: ArtifactSpec,
): Promise<ArtifactReport> {
  const message = {
    type: 'artifact.collect' as const,
    artifact: artifact.id,
    root: 'workspace' as const,
    paths,
    exclude,
    maxFiles: limits.artifactFiles,
    maxBytes: limits.artifactBytes,
  };
  try {
    const run = createArtifactRun({ collect: message, blobs, link, signal });
    begin(run);
    return await abortable(run.report, AbortSignal.any([budget, signal]));
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, reason: messageOf(budget.aborted ? budget.reason : error) };
  } finally {
    link.send({ type: 'artifact.ack', artifact: artifact.id });
  }
}

/** All files become visible at once. */
async function publish(
  { journal, job, artifact }: Task,
  { files }: ArtifactReport & { ok: true },
): Promise<void> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  await journal.commit(async (tx) => {
    const set = { files: files.length, bytes, finished_at: tx.at };
    const complete = await moveArtifact(tx, job, artifact.id, ['collecting'], 'complete', set);
    if (complete !== undefined) await putFiles(tx.db, files);
  });
}

async function settle(
  { journal, job, artifact }: Task,
  to: ArtifactState,
  set: Partial<NewArtifact>,
): Promise<void> {
  const from: ArtifactState[] = to === 'collecting' ? ['pending'] : ['pending', 'collecting'];
  await journal.commit((tx) => moveArtifact(tx, job, artifact.id, from, to, set));
}

function isWanted({ when }: ArtifactSpec, result: Result): boolean {
  return when === 'always' || (when === 'success') === (result === 'success');
}
