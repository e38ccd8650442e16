import { randomUUID } from 'node:crypto';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { FootmanError } from '#shared/errors';
import type { BlobInfo, OpenUpload, Upload } from '../contract.ts';
import { partCount } from '../parts.ts';
import type { ObjectStore } from '../store.ts';
import { isMissing, nothingIfMissing, pathOf, type Paths } from './paths.ts';
import { place, syncFolder } from './place.ts';
import { writePieces } from './receive.ts';
import { createWriters } from './writers.ts';

const Shape = z.object({ key: z.string(), startedAt: z.number() });

type FsUploads = Pick<ObjectStore, 'begin' | 'putPart' | 'parts' | 'complete' | 'abort' | 'uploads'>;

/**
 * Objects that come in parts. Each upload has a folder: `data`, a sparse file of the object's size that each part is written into at its place;
 * `parts`, an empty file for each part that the disk has; and `shape.json`. Completing it moves `data` to the object's place.
 */
export function createUploads(paths: Paths, now: () => number): FsUploads {
  const writers = createWriters();

  async function begin(key: string, { bytes }: { bytes: number }): Promise<string> {
    const id = randomUUID();
    const folder = join(paths.incoming, id);
    await mkdir(join(folder, 'parts'), { recursive: true });
    await writeFile(join(folder, 'shape.json'), JSON.stringify({ key, startedAt: now() }), { flush: true });
    await writeFile(join(folder, 'data'), '');
    await truncate(join(folder, 'data'), bytes);
    await syncFolder(folder);
    await rename(folder, folderOf(paths, id));
    await syncFolder(paths.uploads);
    return id;
  }

  const putPart: FsUploads['putPart'] = (upload, part, content, _bytes, signal) =>
    writers.write(upload.id, part, signal, async (signal) => {
      const folder = folderOf(paths, upload.id);
      const marker = join(folder, 'parts', String(part));
      // A part that is written again has no whole bytes meanwhile.
      if (await removed(marker)) await syncFolder(join(folder, 'parts'));
      const file = await open(join(folder, 'data'), 'r+').catch(ended);
      try {
        await writePieces(file, content, (part - 1) * upload.partBytes, signal);
        await file.datasync();
      } finally {
        await file.close();
      }
      await writeFile(marker, '').catch(ended);
      await syncFolder(join(folder, 'parts'));
    });

  async function parts({ id }: Upload): Promise<number[]> {
    const names = await readdir(join(folderOf(paths, id), 'parts')).catch(nothingIfMissing);
    return (names ?? []).map(Number);
  }

  const complete: FsUploads['complete'] = (upload) =>
    writers.close(upload.id, async () => {
      const stored = new Set(await parts(upload));
      const data = join(folderOf(paths, upload.id), 'data');
      if ((await stat(data).catch(nothingIfMissing)) === undefined) return completed(upload);
      for (let part = 1; part <= partCount(upload); part++) {
        if (!stored.has(part))
          throw new FootmanError('request-invalid', `part ${part} of the object is missing`);
      }
      await place(data, pathOf(paths, upload.key));
      await discard(upload.id);
      return { key: upload.key, bytes: upload.bytes };
    });

  /** An upload without data was completed, unless it was given up. */
  async function completed({ key, id, bytes }: Upload): Promise<BlobInfo> {
    const object = await stat(pathOf(paths, key)).catch(nothingIfMissing);
    if (object?.size !== bytes) throw uploadEnded();
    await discard(id);
    return { key, bytes };
  }

  const abort: FsUploads['abort'] = ({ id }) => writers.close(id, () => discard(id));

  /** Removes it at once, as far as anybody sees: what a killed process left of it would be no upload, and stay for ever. */
  async function discard(id: string): Promise<void> {
    const left = join(paths.incoming, randomUUID());
    await rename(folderOf(paths, id), left).catch(nothingIfMissing);
    await rm(left, { recursive: true, force: true });
  }

  async function* uploads(prefix: string): AsyncGenerator<OpenUpload> {
    for (const id of await readdir(paths.uploads)) {
      const shape = await readFile(join(folderOf(paths, id), 'shape.json'), 'utf8').catch(nothingIfMissing);
      if (shape === undefined) continue;
      const { key, startedAt } = Shape.parse(JSON.parse(shape));
      if (key.startsWith(prefix)) yield { key, id, startedAt };
    }
  }

  return { begin, putPart, parts, complete, abort, uploads };
}

/** @throws FootmanError `request-invalid` for a name that no upload has, and that could lead elsewhere */
function folderOf(paths: Paths, id: string): string {
  if (!/^[0-9a-f-]{36}$/.test(id))
    throw new FootmanError('request-invalid', 'that is not the name of an upload');
  return join(paths.uploads, id);
}

async function removed(path: string): Promise<boolean> {
  return unlink(path).then(
    () => true,
    (error: unknown) => {
      if (!isMissing(error)) throw error;
      return false;
    },
  );
}

function ended(error: unknown): never {
  throw isMissing(error) ? uploadEnded() : error;
}

function uploadEnded(): FootmanError {
  return new FootmanError('not-found', 'there is no such upload: it was completed or given up');
}
