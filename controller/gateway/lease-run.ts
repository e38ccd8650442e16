import { finishJob, moveJob, type Ending } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import type { Blobs } from '#controller/blobs';
import type { Logs } from '#controller/logs';
import { artifactsOfJob, stepsOfJob, type Build, type Job, type Step, type Store } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';
import type { AgentMessage, LogFrame } from '#shared/protocol';
import type { Activity, AgentLink } from './activity.ts';
import { collectArtifact } from './collect-artifact.ts';
import type { Connection } from './connection.ts';
import { driveStep } from './drive-step.ts';
import type { StepLimits } from './step-start.ts';

/** Drives one job on the agent of its node: the steps one after another, then the artifacts, then the one result (I3). */
export interface LeaseRun {
  readonly jobId: string;
  readonly nodeId: string;
  /** The agent is connected (again). With a welcome, which is sent as soon as it is known where to go on; null if it had its welcome. */
  attach(connection: Connection, welcome: Welcome | null): void;
  detach(connection: Connection): void;
  message(message: AgentMessage): void;
  log(frame: LogFrame): void;
  /** Ends the step under way; the job ends so. Only the first call counts. */
  stop(ending: Ending): void;
  /** Resolves when the job has its result. Rejects when storing failed, or when this controller lets go of the job. */
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

export function startLeaseRun(
  deps: LeaseRunDeps,
  build: Build,
  job: Job,
  nodeId: string,
  signal: AbortSignal,
): LeaseRun {
  const { store, journal, clock, limits } = deps;
  const finishedSteps = new Set<string>();
  const stopping = new AbortController();
  const over = new AbortController();
  const untilOver = AbortSignal.any([signal, over.signal]);
  let connection: Connection | undefined;
  let unsent: Welcome | null = null;
  let activity: Activity | undefined;
  let ending: Ending | undefined;
  // Until the first activity is known, a welcome would tell the agent to forget its step.
  let begun = false;

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

  function detach(gone: Connection): void {
    if (connection === gone) connection = undefined;
  }

  function begin(next: Activity): void {
    activity = next;
    begun = true;
    greet();
  }

  function greet(): void {
    if (unsent !== null) link.send({ type: 'welcome', ...unsent, resume: activity?.resume() ?? [] });
    unsent = null;
    if (connection !== undefined) activity?.attached();
  }

  function message(received: AgentMessage): void {
    // Its acknowledgement was lost with an earlier connection.
    if (received.type === 'step.finished' && finishedSteps.has(received.step)) {
      link.send({ type: 'step.ack', step: received.step });
    } else activity?.message(received);
  }

  function stop(as: Ending): void {
    if (ending !== undefined) return;
    ending = as;
    stopping.abort();
  }

  async function run(): Promise<void> {
    try {
      const running = await journal.commit((tx) =>
        moveJob(tx, job.id, ['leased'], 'running', { started_at: tx.at }),
      );
      limitTime((running ?? job).started_at ?? clock.now());
      const verdict = await runSteps();
      await collectAll(verdict);
      await journal.commit((tx) => finishJob(tx, job.id, { ...verdict, from: ['running'] }));
      link.send({ type: 'lease.end' });
    } finally {
      over.abort();
    }
  }

  function limitTime(startedAt: number): void {
    const reason = `the job took longer than ${formatDuration(job.timeout_ms)}`;
    after(startedAt + job.timeout_ms - clock.now(), () => stop({ result: 'timed-out', reason }));
  }

  async function runSteps(): Promise<Ending> {
    for (const step of await stepsOfJob(store.db, job.id)) {
      if (ending !== undefined && step.state !== 'finished') return ending;
      const outcome = step.state === 'finished' ? outcomeOf(step) : await runStep(step);
      finishedSteps.add(step.id);
      if (outcome.result !== 'success') return ending ?? outcome;
    }
    return ending ?? { result: 'success', reason: null };
  }

  async function runStep(step: Step): Promise<Ending> {
    try {
      return await driveStep({
        ...deps,
        build,
        job,
        step,
        nodeId,
        link,
        stop: stopping.signal,
        signal,
        begin,
      });
    } finally {
      activity = undefined;
    }
  }

  /** On a budget of their own, so that a job which ran out of time still leaves what it has (L14). */
  async function collectAll({ result }: Ending): Promise<void> {
    const artifacts = await artifactsOfJob(store.db, job.id);
    if (artifacts.length === 0) return;
    const budget = new AbortController();
    after(limits.artifactsMs, () => budget.abort());
    for (const artifact of artifacts) {
      const spec = job.spec.artifacts[artifact.position];
      if (spec === undefined) continue;
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

  function after(ms: number, action: () => void): void {
    clock.sleep(Math.max(0, ms), untilOver).then(action, () => undefined);
  }
}

function outcomeOf({ result, message }: Step): Ending {
  return { result: result ?? 'errored', reason: message };
}
