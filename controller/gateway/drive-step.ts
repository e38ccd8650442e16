import { moveStep, type Ending } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Blobs } from '#controller/blobs';
import type { Logs, LogWriter } from '#controller/logs';
import type { Build, Job, Step } from '#controller/store';
import { abortable } from './abortable.ts';
import type { Activity, AgentLink } from './activity.ts';
import { reasonOf, resultOf } from './step-result.ts';
import { openedLater } from './log-sink.ts';
import { createStepRun, type StepReport, type StepRun } from './step-run.ts';
import type { StepLimits } from './limits.ts';
import { stepStart } from './step-start.ts';

interface Task {
  journal: Journal;
  clock: Clock;
  logs: Logs;
  blobs: Blobs;
  limits: StepLimits;
  build: Build;
  job: Job;
  step: Step;
  nodeId: string;
  link: AgentLink;
  /** Aborted, with the ending as its reason, when the job is to stop. */
  stop: AbortSignal;
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
    const start = await stepStart(task);
    const writer = step.state === 'pending' ? openedLater(opening) : await opening;
    const run = createStepRun({ start, writer, link });
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

async function markRunning({ journal, job, step }: Task): Promise<void> {
  if (step.state !== 'pending') return;
  await journal.commit((tx) => moveStep(tx, job, step.id, ['pending'], 'running', { started_at: tx.at }));
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

async function recordReport(
  { journal, job, step, link, stop }: Task,
  { finished, log }: StepReport,
): Promise<Ending> {
  const { end, outputs } = finished;
  // The agent only knows that it was told to end the step; why, the controller knows.
  const told = end.reason === 'cancelled' && stop.aborted ? (stop.reason as Ending) : undefined;
  const ending = told ?? { result: resultOf(end), reason: reasonOf(step.name, end) };
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
