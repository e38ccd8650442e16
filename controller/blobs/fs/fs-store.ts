import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '#controller/files';
import { FootmanError } from '#shared/errors';
import { splitPrefix } from '../blob-key.ts';
import type { BlobInfo } from '../contract.ts';
import type { ObjectStore } from '../store.ts';
import { get } from './get.ts';
import { nothingIfMissing, pathOf, pathsIn, type Paths } from './paths.ts';
import { place, removeEmptyFolders } from './place.ts';
import { receive } from './receive.ts';
import { createUploads } from './uploads.ts';
import { walk } from './walk.ts';

const LIMITS = {
  putBytes: Number.MAX_SAFE_INTEGER,
  leastPartBytes: 1,
  mostPartBytes: Number.MAX_SAFE_INTEGER,
  parts: 10_000,
  signsSize: true,
};

/** Errors of the disk that an administrator must deal with. */
const REFUSALS: Record<string, string> = {
  ENOSPC: 'the disk of the object store is full',
  EDQUOT: 'the quota of the object store is used up',
  EACCES: 'the folder of the object store may not be written',
  EPERM: 'the folder of the object store may not be written',
  EROFS: 'the disk of the object store is read-only',
};
const TROUBLES = new Set(['EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'EBUSY', 'ETIMEDOUT']);

/** Objects in a folder of the local disk, which is made if missing. What a killed process left half-written in it is removed; uploads in parts stay. */
export async function openFsStore(folder: string, now: () => number): Promise<ObjectStore> {
  const paths = pathsIn(folder);
  await rm(paths.incoming, { recursive: true, force: true });
  for (const needed of Object.values(paths) as string[]) await mkdir(needed, { recursive: true });
  const uploads = createUploads(paths, now);

  return {
    ...uploads,
    limits: LIMITS,
    async put(key, content, _bytes, signal) {
      const path = join(paths.incoming, randomUUID());
      try {
        const bytes = await receive(path, content, signal);
        await place(path, pathOf(paths, key));
        return { key, bytes };
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },
    get: (key, range, signal) => get(pathOf(paths, key), range, signal),
    head: (key) => head(paths, key),
    remove: (key) => remove(paths, key),
    list(prefix, signal) {
      const { folder, start } = splitPrefix(prefix);
      return walk(join(paths.objects, folder), folder === '' ? '' : `${folder}/`, start, signal);
    },
    presign: async () => null,
    explain,
  };
}

async function head(paths: Paths, key: string): Promise<BlobInfo | undefined> {
  const found = await stat(pathOf(paths, key)).catch(nothingIfMissing);
  return found && { key, bytes: found.size };
}

async function remove(paths: Paths, key: string): Promise<void> {
  const path = pathOf(paths, key);
  await unlink(path).catch(nothingIfMissing);
  await removeEmptyFolders(dirname(path), paths.objects);
}

function explain(cause: unknown): unknown {
  const code = codeOf(cause) ?? '';
  const refusal = REFUSALS[code];
  if (refusal !== undefined) return new FootmanError('storage-refused', refusal, { cause });
  if (!TROUBLES.has(code)) return cause;
  return new FootmanError('storage-unavailable', `the disk of the object store fails (${code})`, { cause });
}
