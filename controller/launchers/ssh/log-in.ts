import { setTimeout } from 'node:timers/promises';
import { FootmanError, messageOf } from '#shared/errors';
import { connect } from './connect.ts';
import type { Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { titleOf } from './place.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2000;
/** What forwards a port for a machine that boots may take the connection and say nothing; so the first tries are short. */
const FIRST_GREET_MS = 4000;
const LONGEST_GREET_MS = 30_000;

/**
 * Logs in, and tries again until the signal aborts: a machine may be booting.
 *
 * @throws FootmanError `cloud-refused` and the like at once for what does not pass, `cloud-unavailable` with the last failure when the signal aborts
 */
export async function logIn(machine: Machine, keepAliveMs: number, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted();
  let failure: unknown;
  for (let tries = 0; ; tries++) {
    try {
      const greetMs = Math.min(LONGEST_GREET_MS, FIRST_GREET_MS * 1.5 ** tries);
      return await connect(machine, { keepAliveMs, greetMs }, signal);
    } catch (error) {
      if (error instanceof FootmanError && error.code !== 'cloud-unavailable') throw error;
      // A try that was ended in its middle says less than the one before.
      if (!signal.aborted || failure === undefined) failure = error;
    }
    await setTimeout(pauseAfter(tries), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw gaveUp(machine, failure);
  }
}

/** Half of it by chance, so that many don't come back together. */
function pauseAfter(tries: number): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
  return (pause * (1 + Math.random())) / 2;
}

function gaveUp(machine: Machine, failure: unknown): FootmanError {
  const said =
    failure instanceof FootmanError ? failure.message : `${titleOf(machine)}: ${messageOf(failure)}`;
  return new FootmanError('cloud-unavailable', `no login in the time given: ${said}`, {
    ...(failure instanceof FootmanError && failure.hint !== undefined && { hint: failure.hint }),
    cause: failure,
  });
}
