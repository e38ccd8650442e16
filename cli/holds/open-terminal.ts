import { setTimeout as sleep } from 'node:timers/promises';
import type { NewTerminal } from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Client, Terminal } from '../client/index.ts';
import type { Context } from '../context.ts';

/** An agent tries again every few seconds; one that stays away for longer is not just about to come back. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

interface Wish extends NewTerminal {
  hold: string;
}

/**
 * Opens a terminal on a held node. It waits a while for an agent that is not connected: the controller, or the machine, may have been started
 * only now.
 *
 * @throws FootmanError what the controller answered
 */
export async function openTerminal(
  { err }: Context,
  { holds }: Pick<Client, 'holds'>,
  { hold, ...wish }: Wish,
): Promise<Terminal> {
  const until = Date.now() + PATIENCE_MS;
  for (let isTold = false; ; isTold = true) {
    try {
      return await holds.terminal(hold, wish);
    } catch (error) {
      if (!isAway(error) || Date.now() >= until) throw error;
    }
    if (!isTold) await err.write("footman: the node's agent is not connected: waiting for it\n");
    await sleep(PAUSE_MS);
  }
}

function isAway(error: unknown): boolean {
  return error instanceof FootmanError && error.code === 'node-unreachable';
}
