import { moveStep, type Ending } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Logs, LogWriter } from '#controller/logs';
import type { Build, Job, Step } from '#controller/store';
import { abortable } from '#shared/abortable';
import type { Activity, AgentLink } from './activity.ts';
import { reasonOf, resultOf } from './step-result.ts';
import { openedLater } from './log-sink.ts';
import { createStepRun, type StepReport, type StepRun } from './step-run.ts';
import type { StepLimits } from './limits.ts';
import type { StepEnd, StepStart } from '#shared/protocol';

interface Task {
  journal: Journal;
  clock: Clock;
  logs: Logs;
  limits: StepLimits;
  build: Build;
  job: Job;
  step: Step;
  /** What people call it, now that it is evaluated. */
  name: string;
  continueOnError: boolean;
  /** What `hashFiles` told: the step is made from the same again after a restart. */
  hashes: Step['hashes'];
  start: StepStart;
  link: AgentLink;
  /** Aborted, with the ending as its reason, when the step is to stop. */
  stop: AbortSignal;
  /** What is left to do once the script has succeeded; a sentence if that went wrong. */
  after?(): Promise<string | undefined>;
  /** Aborted when the job has its result from elsewhere. */
  ended: AbortSignal;
  /** Aborted when this controller lets go of the job, for that or another reason. */
  signal: AbortSignal;
  begin(activity: Activity): void;
}

/** How long after SIGKILL a result is waited for: then the job ends without it, and its node goes anyway. */
const LAST_WORD_MS = 30_000;

/**
 * Runs one step to its end, or finds out how the run that an earlier life of the controller began has ended. Resolves with null when the
 * agent was told to end the step and did not say that it had.
 */
export async function driveStep(task: Task): Promise<Ending | null> {
  const { logs, build, job, step, link, begin, ended } = task;
  const opening = logs.open({ build: build.id, job: job.id, step: step.id });
  // Starting a step twice is safe, so its start need not wait for what is written down about it.
  const marked = markRunning(task);
  marked.catch(() => undefined);
  try {
    const writer = step.state === 'pending' ? openedLater(opening) : await opening;
    const run = createStepRun({ start: task.start, writer, link });
    begin(run);
    const [report] = await Promise.all([awaitReport(task, run), marked, opening]);
    if (report !== null) return await recordReport(task, report);
    await writer.finish();
    return null;
  } finally {
    await letGo(opening, ended.aborted);
  }
}

/** Closing the files is nobody's concern any more; the logs themselves wait for that when they are closed. */
async function letGo(opening: Promise<LogWriter>, isOver: boolean): Promise<void> {
  const writer = await opening.catch(() => undefined);
  // Nothing comes any more: whoever follows the log has all of it.
  if (isOver) await writer?.finish().catch(() => undefined);
  void writer?.release();
}

async function markRunning({ journal, job, step, name, continueOnError, hashes }: Task): Promise<void> {
  if (step.state !== 'pending') return;
  const set = { name, continue_on_error: continueOnError ? 1 : 0, hashes };
  await journal.commit((tx) =>
    moveStep(tx, job, step.id, ['pending'], 'running', { ...set, started_at: tx.at }),
  );
}

/** The agent's report, or null when the step was to stop and nothing was heard of it for too long. */
async function awaitReport({ clock, limits, stop, signal }: Task, run: StepRun): Promise<StepReport | null> {
  const silence = Promise.withResolvers<null>();
  let callOff: (() => void) | undefined;
  const cancel = (): void => {
    run.cancel(limits.graceMs);
    callOff = clock.after(limits.graceMs + LAST_WORD_MS, () => silence.resolve(null));
  };
  stop.addEventListener('abort', cancel, { once: true });
  if (stop.aborted) cancel();
  try {
    return await abortable(Promise.race([run.report, silence.promise]), signal);
  } finally {
    stop.removeEventListener('abort', cancel);
    callOff?.();
  }
}

async function recordReport(task: Task, { finished, log }: StepReport): Promise<Ending> {
  const { journal, job, step, link } = task;
  const { end, outputs } = finished;
  const ending = await endingOf(task, end);
  await journal.commit((tx) =>
    moveStep(tx, job, step.id, ['running'], 'finished', {
      result: ending.result,
      exit_code: end.exit,
      signal: end.signal,
      message: ending.reason,
      outputs,
      log_bytes: log.bytes,
      log_lines: log.lines,
      finished_at: tx.at,
    }),
  );
  link.send({ type: 'step.ack', step: step.id });
  return ending;
}

async function endingOf({ name, stop, after }: Task, end: StepEnd): Promise<Ending> {
  // The agent only knows that it was told to end the step; why, the controller knows.
  if (end.reason === 'cancelled' && stop.aborted) return stop.reason as Ending;
  const ending = { result: resultOf(end), reason: reasonOf(name, end) };
  const problem = ending.result === 'success' ? await after?.() : undefined;
  return problem === undefined ? ending : { result: 'failure', reason: `step ${name}: ${problem}` };
}
