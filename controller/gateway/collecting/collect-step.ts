import { moveStep, type Ending } from '#controller/builds';
import { artifactsOfJob, stepsOfJob, type Artifact, type Step } from '#controller/store';
import { messageOf } from '#shared/errors';
import type { Activity, AgentLink } from '../activity.ts';
import type { JobDeps } from '../job-deps.ts';
import { openNotes, type Notes } from '../notes.ts';
import { oneLine } from '../plain-text.ts';
import type { Scene } from '../scene.ts';
import { statusOf } from '../status-of.ts';
import { collectArtifact } from './collect-artifact.ts';

interface Task extends JobDeps {
  scene: Scene;
  link: AgentLink;
  begin(activity: Activity): void;
  /** Nothing is asked of the agent for a while. */
  rest(): void;
  /** Aborted when the job has its result from elsewhere. */
  ended: AbortSignal;
  /** Aborted when this controller lets go of the job, for that or another reason. */
  signal: AbortSignal;
}

/**
 * The last step of a job that leaves something: collects its artifacts and the reports of its tests, one after another, on a budget of their
 * own. So a job that failed, ran out of time or was cancelled leaves what it has all the same; only who cancels it by force ends that, too (L14).
 * It never changes the job's result. What the storage does not take now waits on the node, and the job does not.
 */
export async function collectStep(task: Task, verdict: Ending): Promise<void> {
  const { store, job, ended, logs } = task;
  const steps = await stepsOfJob(store.db, job.id);
  const step = steps.find(({ phase }) => phase === 'collect');
  const artifacts = await artifactsOfJob(store.db, job.id);
  if (step?.state === 'finished' || artifacts.length === 0) return;
  // A job of an earlier version has no such step, and tells nothing.
  if (step === undefined)
    return void (await collectAll(task, artifacts, verdict, SILENT, task.clock.now(), steps));
  const startedAt = await begin(task, step);
  const notes = await openNotes({ ...task, step, logs });
  try {
    const problem = await collectAll(task, artifacts, verdict, notes, startedAt, steps);
    await finish(task, step, problem, notes);
  } finally {
    // Nothing comes any more: whoever follows the log has all of it.
    if (ended.aborted) await notes.finish().catch(() => undefined);
    notes.release();
  }
}

const SILENT: Pick<Notes, 'line'> = { line: () => undefined };

/** The first thing that went wrong, in a sentence. */
async function collectAll(
  task: Task,
  artifacts: readonly Artifact[],
  verdict: Ending,
  notes: Pick<Notes, 'line'>,
  startedAt: number,
  steps: readonly Step[],
): Promise<string | null> {
  const { clock, limits, scene, rest } = task;
  const budget = new AbortController();
  const spent = (): void => budget.abort(new Error('the time for artifacts was up'));
  const callOff = clock.after(Math.max(0, startedAt + limits.artifactsMs - clock.now()), spent);
  const contexts = await scene.contexts(statusOf(verdict));
  let whyNoWait = isCaptured(steps, verdict) ? 'its node is captured now' : null;
  let problem: string | null = null;
  try {
    for (const artifact of artifacts) {
      const common = { contexts, jobResult: verdict.result, notes, whyNoWait, budget: budget.signal };
      const collected = await collectArtifact({ ...task, ...common, artifact });
      problem ??= collected.problem;
      // An agent that says nothing is not waited for.
      if (collected.isStuck) whyNoWait ??= 'its agent said nothing for a while';
      if (artifact.role === 'junit' && collected.isComplete) await tellTests(task, artifact, notes);
      rest();
    }
  } finally {
    callOff();
  }
  return problem;
}

/** A snapshot takes its node's agent away when the job has succeeded. */
function isCaptured(steps: readonly Step[], { result }: Ending): boolean {
  return (
    result === 'success' && steps.some(({ spec, state }) => spec.kind === 'snapshot' && state !== 'finished')
  );
}

/** What is not read now is read later, by who reads the tests of all jobs. */
async function tellTests(
  { readReports, signal }: Task,
  { id }: Artifact,
  notes: Pick<Notes, 'line'>,
): Promise<void> {
  try {
    const sentence = await readReports?.(id, signal);
    if (sentence !== undefined) notes.line(oneLine(sentence));
  } catch (error) {
    signal.throwIfAborted();
    notes.line(`the reports of tests are read later: ${oneLine(messageOf(error))}`);
  }
}

async function begin({ journal, clock, job }: Task, step: Step): Promise<number> {
  if (step.state === 'running') return step.started_at ?? clock.now();
  return journal.commit(async (tx) => {
    await moveStep(tx, job, step.id, ['pending'], 'running', { started_at: tx.at });
    return tx.at;
  });
}

/** Its failure is shown, and is none of the job's. */
async function finish(
  { journal, job }: Task,
  { id }: Step,
  problem: string | null,
  notes: Notes,
): Promise<void> {
  const log = await notes.finish();
  await journal.commit((tx) =>
    moveStep(tx, job, id, ['running'], 'finished', {
      result: problem === null ? 'success' : 'failure',
      message: problem,
      continue_on_error: 1,
      log_bytes: log.bytes,
      log_lines: log.lines,
      finished_at: tx.at,
    }),
  );
}
