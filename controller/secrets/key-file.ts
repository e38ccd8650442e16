import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FootmanError, messageOf } from '#shared/errors';
import { KEY_BYTES, type Key } from './key.ts';

/** How long a change waits for another controller's. */
const LOCK_MS = 10_000;

const HEADER = `# The keys of Footman's secrets, the newest first. Whoever has this file and the database can read them all.
# Without it the secrets are lost: keep a copy, apart from copies of the database.
`;

const LINE = /^(?<id>[0-9a-z]{1,64}) (?<key>[A-Za-z0-9_-]{43})$/;

/**
 * The keys in the file, the newest first; undefined where there is no file.
 *
 * @throws FootmanError `configuration-invalid`
 */
export function readKeys(file: string): Key[] | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => parse(file, line));
  if (keys.length === 0) throw invalid(file, 'has no key in it');
  return keys;
}

/**
 * Puts other keys in the place of those in the file, for the owner's eyes only, and returns them. Of several that change it at once, one
 * waits for the other, and sees what it wrote: the kernel holds the lock, and gives it back when its owner dies. Nothing here waits for
 * anything else, so that one process never waits for itself.
 *
 * @throws FootmanError `configuration-invalid` when the file can't be written
 */
export function changeKeys(file: string, change: (keys: readonly Key[]) => readonly Key[]): readonly Key[] {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    using lock = new DatabaseSync(`${file}.lock`, { timeout: LOCK_MS });
    lock.exec('BEGIN EXCLUSIVE');
    const keys = change(readKeys(file) ?? []);
    write(file, keys);
    return keys;
  } catch (error) {
    if (error instanceof FootmanError) throw error;
    throw invalid(file, `can't be written: ${messageOf(error)}`, error);
  }
}

/** Aside, and then by a rename: whoever dies here leaves the keys of before. */
function write(file: string, keys: readonly Key[]): void {
  const aside = `${file}.new`;
  const lines = keys.map(({ id, bytes }) => `${id} ${bytes.toString('base64url')}\n`);
  // Made anew: what lies there, a link or a file that others opened, must not get the keys.
  rmSync(aside, { force: true });
  const handle = openSync(aside, 'wx', 0o600);
  try {
    writeFileSync(handle, HEADER + lines.join(''));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(aside, file);
  syncFolder(dirname(file));
}

/** Rows are sealed with the new key next: the file's new name must not be lost after them. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw invalid(file, `can't be read: ${messageOf(error)}`, error);
  }
}

function parse(file: string, line: string): Key {
  const { id = '', key = '' } = LINE.exec(line)?.groups ?? {};
  const bytes = Buffer.from(key, 'base64url');
  // The line is not told: it may be most of a key.
  if (bytes.length !== KEY_BYTES) throw invalid(file, 'has a line that is no key');
  return { id, bytes };
}

function invalid(file: string, what: string, cause?: unknown): FootmanError {
  return new FootmanError('configuration-invalid', `the file of the secrets' keys, ${file}, ${what}`, {
    hint: 'its place is `secrets: { key-file: … }` in footman.yaml, or FOOTMAN_SECRETS_KEY_FILE',
    cause,
  });
}
