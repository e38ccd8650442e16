import { setTimeout } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';
import { isRunning, sendSignal, type ProcessIdentity } from './kernel-process.ts';

/** Between SIGTERM and SIGKILL. Short: a step had its own grace from the agent, and what is left here has outlived its job. */
const GRACE_MS = 1000;
/** How long one round waits for processes that got SIGKILL, before it looks for new ones. */
const ROUND_MS = 500;
const ROUNDS = 10;
const LONGEST_PAUSE_MS = 50;

/**
 * Ends all that `find` finds, until it finds nothing: a process may have forked while others were killed.
 *
 * @throws FootmanError `cloud-unavailable` when some don't end on SIGKILL: they wait in the kernel, or are another user's.
 */
export async function endProcesses(
  find: () => Promise<ProcessIdentity[]>,
  signal: AbortSignal,
): Promise<void> {
  let left = await find();
  if (left.length === 0) return;
  for (const one of left) sendSignal(one, 'SIGTERM');
  await waitForEnd(left, GRACE_MS, signal);
  left = await find();
  for (let round = 0; left.length > 0; round++) {
    if (round === ROUNDS) throw stubborn(left);
    for (const one of left) sendSignal(one, 'SIGKILL');
    await waitForEnd(left, ROUND_MS, signal);
    left = await find();
  }
}

/** Most are not children of ours, so there is no event to wait for. */
async function waitForEnd(processes: ProcessIdentity[], limitMs: number, signal: AbortSignal): Promise<void> {
  let left = processes;
  for (
    let waited = 0, pause = 1;
    waited < limitMs;
    waited += pause, pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
  ) {
    left = left.filter(isRunning);
    if (left.length === 0) return;
    await setTimeout(pause, undefined, { signal });
  }
}

function stubborn(left: ProcessIdentity[]): FootmanError {
  const pids = left.map(({ pid }) => pid).join(', ');
  return new FootmanError('cloud-unavailable', `processes do not end on SIGKILL: ${pids}`);
}
