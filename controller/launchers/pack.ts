import { createHash } from 'node:crypto';
import {
  chmod,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { join } from 'node:path';
import { LIBRARY_FOLDER, type Content } from './contents.ts';

const ASIDE = 'packing-';
const READ_BYTES = 256 * 1024;
/** Packing takes a second; what is older was left by a controller that died. In milliseconds. */
const ABANDONED_AFTER = 3_600_000;

/**
 * Copies the contents into `<folder>/<digest>` and returns the digest, which is that of the copies. The folder is written aside and
 * renamed: whatever bears a digest's name is complete. Two controllers may pack at the same time.
 */
export async function pack(folder: string, contents: Content[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
  const aside = await mkdtemp(join(folder, ASIDE));
  try {
    await mkdir(join(aside, LIBRARY_FOLDER));
    for (const { name, source, mode } of contents) {
      await copyFile(source, join(aside, name), constants.COPYFILE_FICLONE);
      await chmod(join(aside, name), mode);
    }
    // Agents may run as any user, whatever this process's umask is.
    await Promise.all([chmod(aside, 0o755), chmod(join(aside, LIBRARY_FOLDER), 0o755)]);
    const digest = await digestOf(aside, contents);
    await renameUnlessThere(aside, join(folder, digest));
    return digest;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** SHA-256 over names, modes and bytes of the folder's contents. */
async function digestOf(folder: string, contents: Content[]): Promise<string> {
  const total = createHash('sha256');
  for (const { name, mode } of contents) {
    total.update(`${name}\0${mode}\0${await hashFile(join(folder, name))}\n`);
  }
  return total.digest('hex');
}

/** Through one buffer: a stream's would stay in this process's memory, as many as the file has, until something else collects them. */
async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  await using file = await open(path);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
  }
}

async function renameUnlessThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause;
  });
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(ASIDE)) continue;
    const path = join(folder, name);
    // Another controller may be done with it, or be removing it too.
    const made = await stat(path).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > ABANDONED_AFTER) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
