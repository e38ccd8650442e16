import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '#controller/files';
import { runProgram } from '#controller/programs';
import { FootmanError } from '#shared/errors';
import type { CapturedImage, ListedImage } from '../../contract.ts';

/** The files of captured disks. Whatever bears its name is whole. */
export interface ImageFiles {
  pathOf(version: string): string;
  find(version: string): Promise<CapturedImage | null>;
  /** Writes the disk, flattened, to an image of this name. */
  make(version: string, overlay: string, signal: AbortSignal): Promise<CapturedImage>;
  remove(version: string): Promise<void>;
  list(): Promise<ListedImage[]>;
  /** Writes the file to an image of this name. @throws FootmanError `cloud-refused` for what is no such image */
  take(version: string, content: Readable, signal: AbortSignal): Promise<CapturedImage>;
  /** Removes what captures of an earlier life were writing. */
  removeAsides(): Promise<void>;
}

const VERSION = /^[A-Za-z0-9][\w.-]{0,127}$/;
const SUFFIX = '.qcow2';
const ASIDE = '.making';

export function createImageFiles(folder: string): ImageFiles {
  return { pathOf, find: (version) => find(pathOf(version)), make, remove, list, take, removeAsides };

  function pathOf(version: string): string {
    if (VERSION.test(version)) return join(folder, `${version}${SUFFIX}`);
    throw new FootmanError('cloud-refused', `${JSON.stringify(version)} can't be the name of an image`);
  }

  async function make(version: string, overlay: string, signal: AbortSignal): Promise<CapturedImage> {
    const path = pathOf(version);
    const aside = `${path}${ASIDE}`;
    return write(path, aside, signal, () =>
      qemuImg(['convert', '-f', 'qcow2', '-O', 'qcow2', overlay, aside], signal),
    );
  }

  async function take(version: string, content: Readable, signal: AbortSignal): Promise<CapturedImage> {
    const path = pathOf(version);
    const aside = `${path}${ASIDE}`;
    return write(path, aside, signal, () =>
      pipeline(content, createWriteStream(aside, { mode: 0o600 }), { signal }),
    );
  }

  async function write(
    path: string,
    aside: string,
    signal: AbortSignal,
    fill: () => Promise<void>,
  ): Promise<CapturedImage> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rm(aside, { force: true });
    try {
      await fill();
      await qemuImg(['check', '-q', '-f', 'qcow2', aside], signal);
      await sync(aside);
      await rename(aside, path);
      await sync(folder);
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
    const made = await find(path);
    if (made === null) throw new FootmanError('cloud-unavailable', `${path} is gone again`);
    return made;
  }

  async function remove(version: string): Promise<void> {
    await rm(pathOf(version), { force: true });
  }

  async function list(): Promise<ListedImage[]> {
    const found: ListedImage[] = [];
    for (const name of await names()) {
      if (!name.endsWith(SUFFIX)) continue;
      const { birthtimeMs } = await stat(join(folder, name));
      found.push({ name: basename(name, SUFFIX), createdAt: birthtimeMs });
    }
    return found;
  }

  async function removeAsides(): Promise<void> {
    for (const name of await names()) if (name.endsWith(ASIDE)) await rm(join(folder, name), { force: true });
  }

  function names(): Promise<string[]> {
    return readdir(folder).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
  }
}

async function find(path: string): Promise<CapturedImage | null> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  });
  if (found?.isFile() !== true) return null;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { image: path, bytes: found.blocks * 512, digest: `sha256:${hash.digest('hex')}` };
}

async function qemuImg(args: readonly string[], signal: AbortSignal): Promise<void> {
  await runProgram({ file: 'qemu-img', args, package: 'qemu-utils' }, signal);
}

async function sync(path: string): Promise<void> {
  await using file = await open(path);
  await file.sync();
}
