import { finishJob, moveJob, moveStep, type Ending } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Blobs } from '#controller/blobs';
import type { Logs } from '#controller/logs';
import { artifactsOfJob, stepsOfJob, type Build, type Job, type Step, type Store } from '#controller/store';
import { formatDuration } from '#shared/quantity';
import type { AgentMessage, LogFrame } from '#shared/protocol';
import { FootmanError } from '#shared/errors';
import { abortable } from './abortable.ts';
import type { Activity, AgentLink } from './activity.ts';
import { collectArtifact } from './collect-artifact.ts';
import type { Connection } from './connection.ts';
import { reasonOf, resultOf } from './step-result.ts';
import { createStepRun } from './step-run.ts';
import { stepStart, type StepLimits } from './step-start.ts';

/** Drives one job on the agent of its node: the steps one after another, then the artifacts, then the one result (I3). */
export interface LeaseRun {
  readonly jobId: string;
  readonly nodeId: string;
  /** The agent is connected (again). With a welcome, which is sent as soon as it is known where to go on; null if it had its welcome. */
  attach(connection: Connection, welcome: Welcome | null): void;
  detach(connection: Connection): void;
  message(message: AgentMessage): void;
  log(frame: LogFrame): void;
  /** Ends the step under way; the job ends so. */
  stop(ending: Ending): void;
  /** Resolves when the run is over: the job has its result, or this controller has let go of it. Rejects when storing failed. */
  done: Promise<void>;
}

export interface Welcome {
  session: string;
  graceMs: number;
}

export interface LeaseRunDeps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logs: Logs;
  blobs: Blobs;
  limits: LeaseLimits;
}

export interface LeaseLimits extends StepLimits {
  /** All artifacts of a job together, in milliseconds. */
  artifactsMs: number;
  artifactFiles: number;
  artifactBytes: number;
}

/** How long after SIGKILL a result is waited for: then the job ends without it, and its node goes anyway. */
const LAST_WORD_MS = 30_000;

export function startLeaseRun(
  deps: LeaseRunDeps,
  build: Build,
  job: Job,
  nodeId: string,
  signal: AbortSignal,
): LeaseRun {
  const { store, journal, clock, logs, limits } = deps;
  const finishedSteps = new Set<string>();
  const overrun = new AbortController();
  let connection: Connection | undefined;
  let unsent: Welcome | null = null;
  let activity: Activity | undefined;
  // Until the first activity is known, a welcome would tell the agent to forget its step.
  let begun = false;
  let stopping: Ending | undefined;
  let cancelStep: (() => void) | undefined;

  const link: AgentLink = {
    send: (message) => connection?.send(message),
    cut: (reason) => connection?.cut(new FootmanError('protocol-violation', reason)),
  };

  const done = run();
  return { jobId: job.id, nodeId, attach, detach, message, log: (frame) => activity?.log(frame), stop, done };

  function attach(next: Connection, welcome: Welcome | null): void {
    connection = next;
    unsent = welcome;
    if (begun) greet();
  }

  function greet(): void {
    if (unsent !== null) link.send({ type: 'welcome', ...unsent, resume: activity?.resume() ?? [] });
    unsent = null;
    if (connection !== undefined) activity?.attached();
  }

  function detach(gone: Connection): void {
    if (connection === gone) connection = undefined;
  }

  function message(received: AgentMessage): void {
    // Its acknowledgement was lost with an earlier connection.
    if (received.type === 'step.finished' && finishedSteps.has(received.step)) {
      link.send({ type: 'step.ack', step: received.step });
    } else activity?.message(received);
  }

  function begin(next: Activity): void {
    activity = next;
    begun = true;
    greet();
  }

  function stop(ending: Ending): void {
    if (stopping !== undefined) return;
    stopping = ending;
    cancelStep?.();
  }

  async function run(): Promise<void> {
    const running = await journal.commit((tx) =>
      moveJob(tx, job.id, ['leased'], 'running', { started_at: tx.at }),
    );
    const startedAt = (running ?? job).started_at ?? clock.now();
    limitTime(startedAt + job.timeout_ms);
    try {
      const verdict = await runSteps();
      await collectAll(verdict);
      await journal.commit((tx) => finishJob(tx, job.id, { ...verdict, from: ['running'] }));
      link.send({ type: 'lease.end' });
    } finally {
      overrun.abort();
    }
  }

  function limitTime(deadline: number): void {
    const reason = `the job took longer than ${formatDuration(job.timeout_ms)}`;
    clock.sleep(Math.max(0, deadline - clock.now()), AbortSignal.any([signal, overrun.signal])).then(
      () => stop({ result: 'timed-out', reason }),
      () => undefined,
    );
  }

  async function runSteps(): Promise<Ending> {
    for (const step of await stepsOfJob(store.db, job.id)) {
      if (step.state === 'finished') {
        finishedSteps.add(step.id);
        if (step.result === 'success') continue;
        return stopping ?? { result: step.result ?? 'errored', reason: job.reason ?? step.message };
      }
      if (stopping !== undefined) return stopping;
      const ending = await runStep(step);
      if (ending.result !== 'success') return stopping ?? ending;
    }
    return stopping ?? { result: 'success', reason: null };
  }

  async function runStep(step: Step): Promise<Ending> {
    const writer = await logs.open({ build: build.id, job: job.id, step: step.id });
    try {
      const start = await stepStart({ ...deps, build, job, step, nodeId });
      const stepRun = createStepRun({ start, writer, link });
      if (step.state === 'pending') {
        await journal.commit((tx) =>
          moveStep(tx, job, step.id, ['pending'], 'running', { started_at: tx.at }),
        );
      }
      const forced = Promise.withResolvers<'overrun'>();
      cancelStep = () => {
        stepRun.cancel(limits.graceMs);
        clock.sleep(limits.graceMs + LAST_WORD_MS, AbortSignal.any([signal, overrun.signal])).then(
          () => forced.resolve('overrun'),
          () => undefined,
        );
      };
      begin(stepRun);
      if (stopping !== undefined) cancelStep();
      const report = await abortable(Promise.race([stepRun.report, forced.promise]), signal);
      if (report === 'overrun')
        return stopping ?? { result: 'errored', reason: 'its agent did not end the step' };
      const { finished, log } = report;
      const { end, outputs } = finished;
      const ending = { result: resultOf(end), reason: reasonOf(step.name, end) };
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
      finishedSteps.add(step.id);
      link.send({ type: 'step.ack', step: step.id });
      return ending;
    } finally {
      activity = undefined;
      cancelStep = undefined;
      await writer.release();
    }
  }

  /** On a budget of their own, so that a job which ran out of time still leaves what it has (L14). */
  async function collectAll({ result }: Ending): Promise<void> {
    const budget = new AbortController();
    const timer = clock.sleep(limits.artifactsMs, AbortSignal.any([signal, overrun.signal]));
    timer.then(
      () => budget.abort(),
      () => undefined,
    );
    for (const artifact of await artifactsOfJob(store.db, job.id)) {
      const spec = job.spec.artifacts[artifact.position];
      if (spec === undefined || !['pending', 'collecting'].includes(artifact.state)) continue;
      await collectArtifact({
        ...deps,
        job,
        artifact,
        spec,
        jobResult: result,
        link,
        begin,
        budget: budget.signal,
        signal,
      });
      activity = undefined;
    }
  }
}
