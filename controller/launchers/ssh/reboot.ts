import { setTimeout } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';
import type { Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { bootOf } from './boot-id.ts';
import type { Logins } from './logins.ts';
import { titleOf } from './place.ts';
import { NOT_ALLOWED, REBOOT } from './scripts/index.ts';
import { explain, runScript } from './shell.ts';

/** Between two looks at a machine that goes down, in milliseconds. */
const PAUSE_MS = 1000;
/** The machine may be gone before its answer is there. */
const ANSWER_MS = 10_000;

/** Restarts the machine unless it has left the boot; resolves when it answers in another one. */
export async function reboot(
  logins: Logins,
  machine: Machine,
  boot: string,
  signal: AbortSignal,
): Promise<void> {
  const isUnderWay = await logins.once(machine, signal, async (connection) => {
    if ((await bootOf(connection, machine, signal)) !== boot) return false;
    await askForReboot(connection, machine, signal);
    return true;
  });
  if (!isUnderWay) return;
  // It may refuse logins while it goes down, and until it is up.
  const booting = { ...machine, isBooting: true };
  for (;;) {
    await setTimeout(PAUSE_MS, undefined, { signal });
    const now = await logins
      .once(booting, signal, (connection) => bootOf(connection, machine, signal))
      .catch((error: unknown) => passing(error, signal));
    if (now !== undefined && now !== boot) return;
  }
}

async function askForReboot(connection: Connection, machine: Machine, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const ended = await runScript(connection, { text: REBOOT, asRoot: true }, limit).catch(() => undefined);
  signal.throwIfAborted();
  if (ended?.code === NOT_ALLOWED) throw mayNotReboot(machine);
  // Where a signal ended it, that came with the restart.
  if (ended === undefined || ended.code === 0 || ended.code === null || !connection.isOpen) return;
  throw new FootmanError('cloud-unavailable', `${titleOf(machine)} can't be restarted: ${explain(ended)}`);
}

/** A machine that goes down or comes up loses its connections. */
function passing(error: unknown, signal: AbortSignal): undefined {
  if (signal.aborted || !(error instanceof FootmanError) || error.code !== 'cloud-unavailable') throw error;
  return undefined;
}

function mayNotReboot(machine: Machine): FootmanError {
  return new FootmanError('cloud-refused', `${machine.user} may not restart ${titleOf(machine)}`, {
    hint: 'log in as root, or as a user who may run sudo without a password',
  });
}
