import { moveArtifact } from '#controller/artifacts';
import type { Artifact, ArtifactState, Job, NewArtifact, Result } from '#controller/store';
import type { Contexts } from '#shared/expressions';
import { formatBytes, formatDuration } from '#shared/quantity';
import type { LeaseLimits } from '../limits.ts';
import type { Notes } from '../notes.ts';
import { oneLine } from '../plain-text.ts';
import { createProgressNotes, type ProgressNotes } from '../progress-notes.ts';
import { specOf, type ArtifactSpec } from './artifact-spec.ts';
import { tryArtifact, type Attempt, type Trial } from './try-artifact.ts';

interface Task extends Omit<Trial, 'spec' | 'progress' | 'job' | 'artifact'> {
  limits: LeaseLimits;
  job: Job;
  artifact: Artifact;
  contexts: Contexts;
  jobResult: Result;
  notes: Pick<Notes, 'line'>;
  /** Why it can't wait for the storage beyond the end of its job; null where it can. */
  whyNoWait: string | null;
  /** Aborted when no more time is left for artifacts. */
  budget: AbortSignal;
}

/** How it went, for the step that collects it. */
export interface Collected {
  /** What went wrong, in a sentence; null where all is well. */
  problem: string | null;
  /** It is complete, by this very call. */
  isComplete: boolean;
  /** Nothing was heard of it for a while when its time was up. */
  isStuck: boolean;
}

const FINE: Collected = { problem: null, isComplete: false, isStuck: false };
const TIME_UP = 'the time for artifacts was up';

/** Collects one artifact, or says why not. It never throws for what goes wrong with the artifact: that is not its job's result (L14). */
export async function collectArtifact(task: Task): Promise<Collected> {
  const { artifact, jobResult, contexts, notes } = task;
  // An earlier life of the controller has been here.
  if (artifact.state !== 'pending' && artifact.state !== 'collecting') return FINE;
  const spec = await specOf(task, task.job, artifact, contexts);
  if (typeof spec === 'string') return fail(task, spec);
  if (!isWanted(spec, jobResult)) {
    const reason = `kept only after ${spec.when}`;
    notes.line(`${spec.name}: ${reason}`);
    await settle(task, 'empty', { name: spec.name, reason });
    return FINE;
  }
  await settle(task, 'collecting', { name: spec.name });
  return collect(task, spec);
}

async function collect(task: Task, spec: ArtifactSpec): Promise<Collected> {
  const { artifact, clock, notes, budget } = task;
  const { name } = spec;
  // Those before it have used all the time, and not in vain.
  if (budget.aborted) return putOff(task, name, TIME_UP);
  notes.line(
    `${name}: ${artifact.state === 'pending' ? 'collecting' : 'the controller was started anew; collecting'}`,
  );
  const startedAt = clock.now();
  const progress = createProgressNotes(notes, clock, name);
  const attempt = await attemptWithin(task, spec, progress);
  if (attempt === null) {
    task.link.send({ type: 'artifact.ack', artifact: artifact.id });
    return { ...(await fail(task, TIME_UP, name)), isStuck: true };
  }
  if (attempt.kind === 'again') return putOff(task, name, attempt.reason);
  if (attempt.kind === 'published') {
    const { artifact: row, manifest } = attempt.published;
    if (attempt.note !== null) notes.line(`${name}: ${oneLine(attempt.note)}`);
    const files = `${row.files} ${row.files === 1 ? 'file' : 'files'}`;
    const time = formatDuration(clock.now() - startedAt);
    notes.line(`${name}: ${files}, ${formatBytes(row.bytes)}, in ${time}; manifest sha256:${manifest}`);
    return { ...FINE, isComplete: true };
  }
  notes.line(`${name}: ${oneLine(attempt.reason)}`);
  const isProblem = attempt.state === 'failed';
  return { ...FINE, problem: isProblem ? `artifact ${name}: ${attempt.reason}` : null };
}

/** Null where the time was up, and nothing had moved for a while. */
async function attemptWithin(
  task: Task,
  spec: ArtifactSpec,
  progress: ProgressNotes,
): Promise<Attempt | null> {
  const { budget, signal } = task;
  try {
    return await tryArtifact({
      ...task,
      spec,
      progress: progress.note,
      signal: AbortSignal.any([budget, signal]),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!budget.aborted) throw error;
    const { trouble } = progress;
    const reason = trouble === undefined ? TIME_UP : `${TIME_UP}, since ${trouble}`;
    return progress.isMoving() ? { kind: 'again', reason } : null;
  }
}

/** Its files stay on the node; its job need not wait for them. */
async function putOff(task: Task, name: string, reason: string): Promise<Collected> {
  const { journal, job, artifact, limits, notes, whyNoWait } = task;
  if (whyNoWait !== null) return fail(task, `${reason}, and ${whyNoWait}`, name);
  await journal.commit((tx) => {
    const set = { reason, waits_until: tx.at + limits.uploadsMs };
    return moveArtifact(tx, job, artifact.id, ['collecting'], 'waiting', set);
  });
  const time = formatDuration(limits.uploadsMs);
  notes.line(
    `${name}: ${oneLine(reason)}; the job does not wait for it, its node keeps it for up to ${time}`,
  );
  return FINE;
}

async function fail(task: Task, reason: string, name = task.artifact.name): Promise<Collected> {
  task.notes.line(`${name}: ${oneLine(reason)}`);
  await settle(task, 'failed', { reason });
  return { ...FINE, problem: `artifact ${name}: ${reason}` };
}

async function settle(
  { journal, job, artifact }: Task,
  to: ArtifactState,
  set: Partial<NewArtifact>,
): Promise<void> {
  const from: ArtifactState[] = to === 'collecting' ? ['pending'] : ['pending', 'collecting'];
  await journal.commit((tx) => {
    const ended = to === 'collecting' ? {} : { finished_at: tx.at };
    return moveArtifact(tx, job, artifact.id, from, to, { ...set, ...ended });
  });
}

function isWanted({ when }: ArtifactSpec, result: Result): boolean {
  return when === 'always' || (when === 'success') === (result === 'success');
}
