import { randomUUID } from 'node:crypto';
import { access, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const Note = z.strictObject({ stamp: z.string(), digest: z.string().check(z.regex(/^[0-9a-f]{64}$/)) });
const FILE = 'newest.json';

/** The digest that the contents with this stamp were packed under, if they still are there. */
export async function readKnownDigest(folder: string, stamp: string): Promise<string | undefined> {
  try {
    const note = Note.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
    if (note.stamp !== stamp) return undefined;
    await access(join(folder, note.digest));
    return note.digest;
  } catch {
    // No note, a torn one, or a folder that somebody removed: packing again puts all three right.
    return undefined;
  }
}

export async function writeKnownDigest(folder: string, stamp: string, digest: string): Promise<void> {
  const aside = join(folder, `${FILE}.${randomUUID()}`);
  try {
    await writeFile(aside, JSON.stringify({ stamp, digest }));
    await rename(aside, join(folder, FILE));
  } finally {
    await rm(aside, { force: true });
  }
}
