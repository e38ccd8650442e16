import type { Ending } from '#controller/builds';
import { previousResult, stepsOfJob, type Result, type Step } from '#controller/store';
import { callsStatusFunction } from '#shared/expressions';
import type { PostCondition } from '#shared/pipeline';
import { POST_CONDITIONS } from '#shared/pipeline';
import { createBudget, type Budget } from './budget.ts';
import type { Outcome } from './finish-step.ts';
import { statusOf } from './status-of.ts';
import { takeStep, type StepTask } from './take-step.ts';

/** Whether, and since when, the job is to stop. */
export interface Stop {
  readonly signal: AbortSignal;
  ending(): Ending | undefined;
  /** When that was, in milliseconds since the epoch. */
  since(): number;
}

type Task = Omit<StepTask, 'step' | 'status' | 'jobStatus' | 'stop' | 'longestMs'> & {
  stop: Stop;
  /** Called when the job's own steps are over: its timeout has no say any more. */
  mainDone(): void;
};

/**
 * The steps of a job in their order: its own, one after another; those that save caches, if all went well; then the post steps. Steps that
 * ended in an earlier life of the controller are not run again. Resolves with how the job ended; null when the agent would not say.
 */
export async function runSteps(task: Task): Promise<Ending | null> {
  // What the job leaves is collected when it is known how it ended.
  const steps = (await stepsOfJob(task.store.db, task.job.id)).filter(({ phase }) => phase !== 'collect');
  const main = steps.filter(isMain);
  // A snapshot is taken when all else is done.
  const post = steps.filter(
    (step) => !isMain(step) && step.phase !== 'save' && step.spec.kind !== 'snapshot',
  );
  const budget = createBudget(task.clock, task.job.spec.post.timeoutMs, beganLate(steps, task.stop));
  try {
    const verdict = await runMain(task, main, budget);
    task.mainDone();
    if (verdict === null) return null;
    if (verdict.result === 'success') await runSaves(task, steps, budget);
    return await runPost(task, post, verdict, budget);
  } finally {
    budget.end();
  }
}

/** After a failure, or when the job is to stop, only steps run whose `if` asks for that. */
async function runMain(task: Task, steps: readonly Step[], budget: Budget): Promise<Ending | null> {
  const { stop } = task;
  let failure: Outcome | undefined;
  for (const step of steps) {
    const status = statusOf(stop.ending() ?? failure);
    const outcome = await takeStep({
      ...task,
      step,
      status,
      jobStatus: status,
      ...(isLate(step, stop) ? late(budget) : { stop: stop.signal, longestMs: task.job.timeout_ms }),
    });
    if (outcome === null) return null;
    if (isFailure(outcome)) failure ??= outcome;
  }
  const stopped = (await endedBefore(task, stop.since())) ? undefined : stop.ending();
  // A step that was ended has its job's ending; one that failed before that has failed the job.
  return plain(failure) ?? stopped ?? { result: 'success', reason: null };
}

/** Whether the job's own steps were over by then, as they may be when the controller was started anew. */
async function endedBefore({ store, job }: Task, at: number): Promise<boolean> {
  if (at === Infinity) return true;
  const main = (await stepsOfJob(store.db, job.id)).filter(isMain);
  return main.every(({ finished_at: finishedAt }) => finishedAt !== null && finishedAt < at);
}

async function runSaves(task: Task, steps: readonly Step[], budget: Budget): Promise<void> {
  for (const step of steps.filter(({ phase }) => phase === 'save'))
    await takeStep({ ...task, step, status: 'success', jobStatus: 'success', ...late(budget) });
}

/** A failure turns a success into one, and nothing else. */
async function runPost(task: Task, steps: readonly Step[], verdict: Ending, budget: Budget): Promise<Ending> {
  if (steps.length === 0) return verdict;
  const phases = await phasesFor(task, steps, verdict.result);
  let failure: Outcome | undefined;
  for (const phase of POST_CONDITIONS.filter((condition) => phases.has(condition))) {
    const failed = await runPhase(task, phase, steps, verdict, budget);
    if (failed === null) break;
    failure ??= failed;
  }
  if (verdict.result !== 'success' || failure === undefined) return verdict;
  return { result: 'failure', reason: `after its steps: ${failure.reason ?? 'a post step failed'}` };
}

/** Its first failure; null when the agent would not say. Nothing of a phase runs after a failure in it, unless its `if` asks for it. */
async function runPhase(
  task: Task,
  phase: PostCondition,
  steps: readonly Step[],
  verdict: Ending,
  budget: Budget,
): Promise<Outcome | undefined | null> {
  let failure: Outcome | undefined;
  for (const step of steps.filter((one) => one.phase === phase)) {
    const asks = step.spec.conditions.some(({ text }) => callsStatusFunction(text));
    const status = statusOf(asks ? verdict : failure);
    const jobStatus = statusOf(verdict);
    const outcome = await takeStep({ ...task, step, status, jobStatus, ...late(budget) });
    if (outcome === null) return null;
    if (isFailure(outcome)) failure ??= outcome;
  }
  return failure;
}

async function phasesFor(
  { store, build, job }: Task,
  steps: readonly Step[],
  result: Result,
): Promise<Set<PostCondition>> {
  const phases = new Set<PostCondition>(['always']);
  if (result === 'success' || result === 'cancelled') phases.add(result);
  else phases.add('failure');
  const changed = steps.filter(({ phase }) => phase === 'changed');
  if (changed.length === 0) return phases;
  // What an earlier life of the controller has begun is gone on with.
  const begun = changed.some(({ state }) => state !== 'pending');
  const before = (await previousResult(store.db, build, job.key)) ?? 'success';
  return begun || before !== result ? phases.add('changed') : phases;
}

/** For a step that has the budget instead of the job's own time; the budget begins with it. */
function late(budget: Budget): Pick<StepTask, 'stop' | 'longestMs'> {
  budget.begin();
  return { stop: budget.signal, longestMs: budget.ms };
}

/** Whether the step runs although the job is to stop. One that ran before is ended. */
function isLate({ state, started_at: startedAt }: Step, stop: Stop): boolean {
  if (stop.ending() === undefined) return false;
  return state === 'pending' || (startedAt ?? 0) > stop.since();
}

/** When an earlier life of the controller began to use the budget; null if none did. */
function beganLate(steps: readonly Step[], stop: Stop): number | null {
  const late = steps.filter((step) => !isMain(step) || isLate(step, stop));
  const begun = late.flatMap(({ started_at: at }) => at ?? []);
  return begun.length === 0 ? null : Math.min(...begun);
}

/** What a job does for itself: first what its image does not have. */
function isMain({ phase }: Step): boolean {
  return phase === 'prepare' || phase === 'main';
}

function isFailure({ result, forgiven }: Outcome): boolean {
  return !forgiven && result !== 'success' && result !== 'skipped';
}

function plain(outcome: Outcome | undefined): Ending | undefined {
  return outcome && { result: outcome.result, reason: outcome.reason };
}
