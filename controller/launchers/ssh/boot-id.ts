import { z } from 'zod';
import { parseAnswer } from './answer.ts';
import type { Connection } from './connection.ts';
import type { Machine } from './contract.ts';
import { titleOf } from './place.ts';
import { READ_BOOT } from './scripts/index.ts';
import { outputOf } from './shell.ts';

const Boot = z.object({ boot: z.string().regex(/^[0-9a-f-]{36}$/) });

/** The boot that the machine is in. */
export async function bootOf(connection: Connection, machine: Machine, signal: AbortSignal): Promise<string> {
  const title = titleOf(machine);
  const output = await outputOf(connection, { text: READ_BOOT }, `${title} can't be looked at`, signal);
  return parseAnswer(output, Boot, title).boot;
}
