import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { codeOf, readJson, removeTree, replaceFile } from '#controller/files';
import { FootmanError } from '#shared/errors';
import type { CapturedImage, ListedImage } from '../../contract.ts';

/**
 * The images of a controller: a folder for each, which is never written again. It is whole where it has its note. What is half made is in
 * a folder aside, whose name no image has.
 *
 *     disk.qcow2   the disk, which stands on no other file
 *     image.json   the note
 */
export interface ImageStore {
  /** Of its disk. @throws FootmanError `cloud-refused` for what can't be a name */
  pathOf(name: string): string;
  /** Reads the note alone, however large the disk is. */
  find(name: string): Promise<CapturedImage | null>;
  /** `fill` writes the disk. It gets its name when it is on the disk of the controller. */
  make(name: string, fill: (disk: string) => Promise<void>, signal: AbortSignal): Promise<CapturedImage>;
  /** Idempotent, and finishes what was cut short. */
  remove(name: string): Promise<void>;
  list(): Promise<ListedImage[]>;
  /** Removes what an earlier life was writing. */
  removeAsides(): Promise<void>;
}

const Note = z.object({
  /** Length of the file: one that was cut short is none. */
  size: z.int(),
  bytes: z.int(),
  digest: z.string(),
  createdAt: z.int(),
});
type Note = z.infer<typeof Note>;

const NAME = /^[A-Za-z0-9][\w.-]{0,127}$/;
const ASIDE = '.making-';
const DISK = 'disk.qcow2';
const NOTE = 'image.json';
const SECTOR_BYTES = 512;

export function createImageStore(folder: string): ImageStore {
  return { pathOf, find, make, remove, list, removeAsides };

  function pathOf(name: string): string {
    if (NAME.test(name)) return join(folder, name, DISK);
    throw new FootmanError('cloud-refused', `${JSON.stringify(name)} can't be the name of an image`);
  }

  async function find(name: string): Promise<CapturedImage | null> {
    const image = pathOf(name);
    const [note, size] = await Promise.all([noteOf(name), sizeOf(image)]);
    if (note === undefined || size !== note.size) return null;
    return { image, bytes: note.bytes, digest: note.digest };
  }

  async function make(
    name: string,
    fill: (disk: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<CapturedImage> {
    const image = pathOf(name);
    const aside = join(folder, `${ASIDE}${name}`);
    await removeTree(aside);
    await mkdir(aside, { recursive: true, mode: 0o700 });
    try {
      const disk = join(aside, DISK);
      await fill(disk);
      await sync(disk);
      const note = await describe(disk, signal);
      await replaceFile(join(aside, NOTE), JSON.stringify(note));
      await sync(join(aside, NOTE));
      await sync(aside);
      await removeTree(join(folder, name));
      await rename(aside, join(folder, name));
      await sync(folder);
      return { image, bytes: note.bytes, digest: note.digest };
    } catch (error) {
      await removeTree(aside);
      throw error;
    }
  }

  /** Without its note it is none: so one that goes is never half there. */
  async function remove(name: string): Promise<void> {
    pathOf(name);
    await rm(join(folder, name, NOTE), { force: true });
    await removeTree(join(folder, name));
  }

  async function list(): Promise<ListedImage[]> {
    const names = (await readNames(folder)).filter((name) => NAME.test(name));
    const listed = await Promise.all(
      names.map(async (name) => {
        const createdAt = (await noteOf(name))?.createdAt ?? (await madeAt(join(folder, name)));
        return createdAt === undefined ? [] : [{ name, createdAt }];
      }),
    );
    return listed.flat();
  }

  async function removeAsides(): Promise<void> {
    for (const name of await readNames(folder))
      if (name.startsWith(ASIDE)) await removeTree(join(folder, name));
  }

  async function noteOf(name: string): Promise<Note | undefined> {
    return Note.safeParse(await readJson(join(folder, name, NOTE))).data;
  }
}

/** Reads all of the disk, once in its life. */
async function describe(disk: string, signal: AbortSignal): Promise<Note> {
  const { size, blocks } = await stat(disk);
  const hash = createHash('sha256');
  await pipeline(createReadStream(disk, { highWaterMark: 1024 * 1024 }), hash, { signal });
  const digest = `sha256:${hash.digest('hex')}`;
  return { size, bytes: blocks * SECTOR_BYTES, digest, createdAt: Date.now() };
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await ifThere(stat(path)))?.size;
}

async function madeAt(path: string): Promise<number | undefined> {
  const found = await ifThere(stat(path));
  return found && Math.round(found.mtimeMs);
}

async function readNames(folder: string): Promise<string[]> {
  return (await ifThere(readdir(folder))) ?? [];
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  });
}

async function sync(path: string): Promise<void> {
  await using file = await open(path);
  await file.sync();
}
