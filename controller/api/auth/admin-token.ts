import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Keys } from '#controller/keys';
import { createTokens } from './token.ts';

interface Options {
  file: string;
  keys: Keys;
}

/** The administrator's token: what the file holds, or a new one, for the owner's eyes only, where that is missing or void. */
export async function ensureAdminToken({ file, keys }: Options): Promise<string> {
  const tokens = createTokens(keys);
  const known = await read(file);
  if (known !== undefined && isValid(known)) return known;
  const token = tokens.sign({ subject: 'administrator', role: 'admin' });
  await write(file, token);
  return token;

  function isValid(candidate: string): boolean {
    try {
      return tokens.verify(candidate).role === 'admin';
    } catch {
      return false; // Signed with another key: the data folder's was replaced.
    }
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** By a rename, so that no reader ever sees half a token. */
async function write(file: string, token: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${token}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
