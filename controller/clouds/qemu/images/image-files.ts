import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '#controller/files';
import { runProgram } from '#controller/programs';
import { FootmanError } from '#shared/errors';
import type { ImageReference } from '../../contract.ts';

/** The files of captured disks. Whatever bears its name is whole. */
export interface ImageFiles {
  pathOf(version: string): string;
  find(path: string): Promise<ImageReference | undefined>;
  /** Writes the disk, flattened, to an image of this name. */
  make(version: string, overlay: string, signal: AbortSignal): Promise<ImageReference>;
  /** @throws FootmanError `cloud-refused` for what is no image of these */
  remove(path: string): Promise<void>;
  /** Removes what captures of an earlier life were writing. */
  removeAsides(): Promise<void>;
}

const VERSION = /^[A-Za-z0-9][\w.-]{0,127}$/;
const ASIDE = '.making';

export function createImageFiles(folder: string): ImageFiles {
  return { pathOf, find, make, remove, removeAsides };

  function pathOf(version: string): string {
    if (VERSION.test(version)) return join(folder, `${version}.qcow2`);
    throw new FootmanError('cloud-refused', `${JSON.stringify(version)} can't be the name of an image`);
  }

  async function make(version: string, overlay: string, signal: AbortSignal): Promise<ImageReference> {
    const path = pathOf(version);
    const aside = `${path}${ASIDE}`;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rm(aside, { force: true });
    try {
      await qemuImg(['convert', '-f', 'qcow2', '-O', 'qcow2', overlay, aside], signal);
      await qemuImg(['check', '-q', '-f', 'qcow2', aside], signal);
      await sync(aside);
      await rename(aside, path);
      await sync(folder);
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
    return { image: path, bytes: (await stat(path)).size };
  }

  async function remove(path: string): Promise<void> {
    if (dirname(path) !== folder || !path.endsWith('.qcow2')) {
      throw new FootmanError('cloud-refused', `${path} is no image that this cloud captured`);
    }
    await rm(path, { force: true });
  }

  async function removeAsides(): Promise<void> {
    const names = await readdir(folder).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    for (const name of names.filter((each) => each.endsWith(ASIDE)))
      await rm(join(folder, name), { force: true });
  }
}

async function find(path: string): Promise<ImageReference | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  });
  return found?.isFile() === true ? { image: path, bytes: found.size } : undefined;
}

async function qemuImg(args: readonly string[], signal: AbortSignal): Promise<void> {
  await runProgram({ file: 'qemu-img', args, package: 'qemu-utils' }, signal);
}

async function sync(path: string): Promise<void> {
  await using file = await open(path);
  await file.sync();
}
