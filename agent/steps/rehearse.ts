import { join } from 'node:path';
import type { StepStart } from '#shared/protocol';
import { createStepLog } from '../log/index.ts';
import { runStep, type StepContext } from './run-step.ts';
import { createStopper } from './stop-request.ts';

const REHEARSAL: StepStart = {
  type: 'step.start',
  step: 'rehearsal',
  stream: 0,
  shell: 'sh',
  script: 'echo',
  env: {},
  secrets: [],
  inputs: [],
  timeoutMs: 10_000,
  graceMs: 0,
  logLimit: 1024,
};

/** Nobody hears of a rehearsal. */
const NOBODY = {
  sendLog: () => undefined,
  buffered: 0,
};

/**
 * Runs a step that does nothing and of which nobody hears. The first real step then finds the code compiled and the shell in memory, which
 * is most of what a short one costs. For agents that have nothing better to do.
 */
export async function rehearse(context: Omit<StepContext, 'log' | 'stop' | 'started'>): Promise<void> {
  const path = join(context.folders.spool, REHEARSAL.step);
  const log = createStepLog({ stream: 0, path, secrets: [], limit: REHEARSAL.logLimit, link: NOBODY });
  const stopper = createStopper(REHEARSAL.timeoutMs, REHEARSAL.graceMs);
  await runStep(REHEARSAL, { ...context, log, stop: stopper.signal, started: () => undefined });
  stopper.clear();
  log.end(() => undefined);
  log.remove();
}
