import { join } from 'node:path';
import { messageOf } from '#shared/errors';
import { createTextMask } from '#shared/masking';
import type { AgentMessage, ControllerMessageOf, StepStart } from '#shared/protocol';
import type { Transport } from '../http/index.ts';
import type { Link } from '../link/index.ts';
import { createStepLog, type StepLog } from '../log/index.ts';
import { reapOrphans, signalGroup, type Folders, type Libc } from '../system/index.ts';
import { addExports, baseEnvironment, type Environment, type Exports } from './environment.ts';
import { keepExports } from './kept-exports.ts';
import { rehearse } from './rehearse.ts';
import { runStep, type StepOutcome } from './run-step.ts';
import { createStopper, type StopRequest } from './stop-request.ts';

/** The steps of the lease, each from its start until the controller has its result and its whole log. */
export interface Steps {
  /** Starts the step, unless it was started before. */
  start(message: StepStart): void;
  /** Uses the time until the first step comes, if it does not come at once. */
  prepare(): void;
  /** Begins no more of that, until it is asked for again, and resolves when none is under way. */
  rest(): Promise<void>;
  cancel(message: ControllerMessageOf<'step.cancel'>): void;
  /** The machine is about to restart: what later steps need is kept for them. */
  prepareReboot(message: ControllerMessageOf<'reboot.prepare'>): void;
  /** Forgets the step: the controller has everything. */
  acknowledged(message: ControllerMessageOf<'step.ack'>): void;
  logAcknowledged(message: ControllerMessageOf<'log.ack'>): void;
  /** Goes on where the controller is, and forgets the steps that it does not name. */
  resume(message: ControllerMessageOf<'welcome'>): void;
  paused(): void;
  flushed(): void;
  /** What the next step would start from. */
  legacy(): Legacy;
}

export interface Legacy {
  /** The node's own environment. */
  base: Environment;
  exports: Exports;
}

interface Step {
  stream: number;
  log: StepLog;
  stop(request: StopRequest): void;
  /** Process group of its script, once and as long as that runs. */
  group?: number;
  started?: AgentMessage;
}

interface Deps {
  folders: Folders;
  transport: Transport;
  link: Link;
  libc: Libc;
  /** Processes whose exit status Node.js waits for. */
  children: Set<number>;
}

/** Longest sentence that a step's end may carry, in characters. */
const MAX_MESSAGE_LENGTH = 4096;
/** How often dead orphans are taken off the process table while a step runs. */
const REAP_MS = 10_000;
/** An agent that has no step after so long belongs to a node that waits for its job. */
const IDLE_MS = 50;

export function createSteps({ folders, transport, link, libc, children }: Deps): Steps {
  const base = baseEnvironment(process.env, folders.root);
  const steps = new Map<string, Step>();
  // Never started again, though the controller may not know yet that it was told of their end.
  const forgotten = new Set<string>();
  const kept = keepExports(folders.root);
  let exports = kept.read();
  let preparing: NodeJS.Timeout | undefined;
  let rehearsal: Promise<void> | undefined;

  return {
    prepare() {
      if (rehearsal === undefined) preparing ??= setTimeout(begin, IDLE_MS);
    },
    async rest() {
      clearTimeout(preparing);
      preparing = undefined;
      await rehearsal;
    },
    start(message) {
      clearTimeout(preparing);
      if (!steps.has(message.step) && !forgotten.has(message.step)) void run(message);
    },
    cancel: ({ step, graceMs }) => steps.get(step)?.stop({ reason: 'cancelled', graceMs }),
    prepareReboot({ step }) {
      link.send({ type: 'reboot.prepared', step, ...failureOf(() => kept.write(exports)) });
    },
    acknowledged: ({ step }) => forget(step),
    logAcknowledged({ stream, offset }) {
      for (const step of steps.values()) if (step.stream === stream) step.log.flow.acknowledged(offset);
    },
    resume({ resume }) {
      const offsets = new Map(resume.map(({ step, offset }) => [step, offset]));
      for (const [id, step] of steps) {
        const offset = offsets.get(id);
        if (offset === undefined) forget(id);
        else {
          if (step.started !== undefined) link.send(step.started);
          step.log.flow.resume(offset);
        }
      }
    },
    paused() {
      for (const { log } of steps.values()) log.flow.pause();
    },
    flushed() {
      for (const { log } of steps.values()) log.flow.pump();
    },
    legacy: () => ({ base, exports }),
  };

  function begin(): void {
    rehearsal = rehearse({ folders, transport, libc, base, exports });
  }

  /** From the order to the result. Only `steps` knows it from then on, until it is forgotten. */
  async function run(message: StepStart): Promise<void> {
    const { step: id, stream, secrets, logLimit, timeoutMs, graceMs } = message;
    const path = join(folders.spool, id);
    const log = createStepLog({ stream, path, secrets, limit: logLimit, link });
    const stopper = createStopper(timeoutMs, graceMs);
    const step: Step = { stream, log, stop: stopper.request };
    steps.set(id, step);
    const reaping = setInterval(reap, REAP_MS);
    const outcome = await runStep(message, {
      folders,
      transport,
      libc,
      base,
      exports,
      log,
      stop: stopper.signal,
      started({ group }) {
        step.group = group;
        children.add(group);
        step.started = { type: 'step.started', step: id, at: Date.now() };
        link.send(step.started);
      },
    });
    stopper.clear();
    clearInterval(reaping);
    if (step.group !== undefined) children.delete(step.group);
    delete step.group;
    exports = addExports(exports, outcome.results, secrets);
    tell(id, log, maskOutcome(outcome, createTextMask(secrets)));
    setImmediate(reap);
  }

  function tell(id: string, log: StepLog, { end, results: { outputs } }: StepOutcome): void {
    const at = Date.now();
    log.end(() => link.send({ type: 'step.finished', step: id, at, end, outputs, logBytes: log.length }));
  }

  function forget(id: string): void {
    const step = steps.get(id);
    if (step === undefined) return;
    if (step.group !== undefined) signalGroup(step.group, 'SIGKILL');
    steps.delete(id);
    forgotten.add(id);
    step.log.flow.pause();
    step.log.remove();
  }

  function reap(): void {
    reapOrphans(libc, children);
  }
}

function failureOf(work: () => void): { problem?: string } {
  try {
    work();
    return {};
  } catch (error) {
    return { problem: messageOf(error).slice(0, MAX_MESSAGE_LENGTH) };
  }
}

/** What a step hands on is seen by people as its log is (L17). Cut only when it is masked: half a secret would not be found. */
function maskOutcome({ end, results }: StepOutcome, mask: (text: string) => string): StepOutcome {
  const { message } = end;
  const outputs = Object.entries(results.outputs).map(([name, value]) => [name, mask(value)] as const);
  return {
    end: {
      ...end,
      ...(message === undefined ? {} : { message: mask(message).slice(0, MAX_MESSAGE_LENGTH) }),
    },
    results: { ...results, outputs: Object.fromEntries(outputs) },
  };
}
