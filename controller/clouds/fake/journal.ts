import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { codeOf } from '#controller/files';
import { FakeAction, FakeCall, FakeEdge } from './script.ts';

/**
 * What happened in a world: a call came (`called`), made a resource (`created`), met a rule (`fault`), and came to its end (`returned`
 * or `threw`). A call without an end was cut short by its controller's death.
 */
export const FakeEntry = z.object({
  event: z.enum(['called', 'created', 'deleted', 'fault', 'returned', 'threw']),
  call: FakeCall,
  /** Null for listings, resets, and what is of an image alone. */
  node: z.string().nullable(),
  /** The static host of a launch that has one, or of a reset. */
  host: z.string().optional(),
  /** The captured image that the call is about, or launches from. */
  image: z.string().optional(),
  controller: z.string(),
  /** Process of the controller. */
  pid: z.int(),
  /** Milliseconds since the epoch. */
  time: z.int(),
  edge: FakeEdge.optional(),
  action: FakeAction.optional(),
});
export type FakeEntry = z.infer<typeof FakeEntry>;

/** One line, in one write: lines of several controllers don't mix. */
export async function appendEntry(path: string, entry: FakeEntry): Promise<void> {
  await appendFile(path, `${JSON.stringify(entry)}\n`);
}

export async function readJournal(path: string): Promise<FakeEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  // A line without its end is still being written, or its writer was killed.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter(Boolean).map((line) => FakeEntry.parse(JSON.parse(line)));
}
