import { join } from 'node:path';
import { messageOf } from '#shared/errors';
import type { StepEnd, StepStart } from '#shared/protocol';
import type { Transport } from '../http/index.ts';
import type { StepLog } from '../log/index.ts';
import { openOutputPipe, signalGroup, type Folders, type Libc, type OutputPipe } from '../system/index.ts';
import { stepEnvironment, type Environment, type Exports } from './environment.ts';
import { fetchInputs } from './inputs.ts';
import { commandFor } from './interpreter.ts';
import { makeStepFiles, type StepFiles } from './step-files.ts';
import { spawnStep, stopOnRequest, type StepProcess } from './step-process.ts';
import { readStepResults, type StepResults } from './step-results.ts';
import type { StopRequest } from './stop-request.ts';

export interface StepContext {
  folders: Folders;
  transport: Transport;
  libc: Libc;
  base: Environment;
  exports: Exports;
  log: StepLog;
  /** Its reason is a StopRequest. */
  stop: AbortSignal;
  /** Called when the script runs. */
  started(process: StepProcess): void;
}

export interface StepOutcome {
  end: StepEnd;
  results: StepResults;
}

/** How long to wait for the end of the output once the step's own process is gone: what it started may hold the pipe for ever (L18). */
const LINGER_MS = 2_000;
const NO_RESULTS: StepResults = { outputs: {}, environment: {}, path: [], problems: [] };

/** Runs one step to its end. Never rejects: whatever goes wrong is how the step ended. */
export async function runStep(start: StepStart, context: StepContext): Promise<StepOutcome> {
  let files: StepFiles | undefined;
  try {
    files = makeStepFiles(join(context.folders.steps, start.step), start.script);
    const running = await startProcess(start, files, context);
    if ('reason' in running) return { end: running, results: NO_RESULTS };
    context.started(running.process);
    const end = await finish(running.process, running.output, context);
    const results = readStepResults(files);
    for (const problem of results.problems) context.log.note(problem);
    return { end, results };
  } catch (error) {
    return { end: notStarted(error), results: NO_RESULTS };
  } finally {
    // What a step started may still write there; and nobody waits for this.
    setImmediate(() => files?.remove());
  }
}

/** The running process, or how the step ended because there will be none. */
async function startProcess(
  start: StepStart,
  files: StepFiles,
  { folders, transport, libc, base, exports, log, stop }: StepContext,
): Promise<{ process: StepProcess; output: OutputPipe } | StepEnd> {
  const folder = join(folders.workspace, start.workingDirectory ?? '');
  const environment = stepEnvironment(base, exports, start.env, files, folders);
  try {
    if (start.inputs.length > 0) await fetchInputs(start.inputs, files.inputs, transport, stop);
    stop.throwIfAborted();
  } catch (error) {
    if (!stop.aborted) return notStarted(error);
    return { reason: (stop.reason as StopRequest).reason, exit: null, signal: null };
  }
  const command = commandFor(start.shell, files.script, environment.PATH ?? '');
  const output = openOutputPipe(libc, log.write);
  try {
    return { process: await spawnStep({ command, folder, environment, output }), output };
  } catch (error) {
    output.closeWritable();
    output.abandon();
    throw error;
  }
}

async function finish(
  process: StepProcess,
  output: OutputPipe,
  { log, stop }: StepContext,
): Promise<StepEnd> {
  const stopNoMore = stopOnRequest(process, stop);
  const { exit, signal } = await process.ended;
  // A request that comes later comes too late: the step has ended by itself.
  const request = stop.aborted ? (stop.reason as StopRequest) : undefined;
  const isDrained = await isSettledWithin(output.ended, LINGER_MS);
  stopNoMore();
  if (!isDrained) {
    output.abandon();
    log.note(
      'processes that this step started in the background still held the output; not waiting for them',
    );
  }
  // Servers that a step leaves for the next one are welcome, as long as it was not stopped and they don't hold its output.
  if (!isDrained || request !== undefined) signalGroup(process.group, 'SIGKILL');
  return { reason: request?.reason ?? 'exited', exit, signal };
}

async function isSettledWithin(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  const isSettled = await Promise.race([promise.then(() => true), late.promise]);
  clearTimeout(timer);
  return isSettled;
}

function notStarted(error: unknown): StepEnd {
  return { reason: 'not-started', exit: null, signal: null, message: messageOf(error) };
}
