import { constants, promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { leadsInside } from '#shared/protocol';
import { randomName } from './random-name.ts';

/** Where fetched files go. Nothing is written outside, and none of the links that are there is followed. */
export interface Place {
  /** Writes the file beside its place; it takes its place, and that of what is there, with `keep`. */
  open(path: string): Promise<PlacedFile>;
  /** @throws Error for one that leads outside */
  link(path: string, target: string): Promise<void>;
  /** @throws Error for the first of the links that really leads outside, when all are there; that one is removed */
  checkLinks(): Promise<void>;
}

export interface PlacedFile extends AsyncDisposable {
  write(bytes: Uint8Array): Promise<void>;
  keep(mode: number): Promise<void>;
}

/** Not those that let a program run as its owner: the file has another owner now. */
const PERMISSIONS = 0o777;

/** @param base the folder that nothing is written outside of, below the workspace */
export async function createPlace(workspace: string, base: string | null): Promise<Place> {
  const root = join(await fs.realpath(workspace), base ?? '');
  const folders = new Set<string>();
  const links: string[] = [];
  await requireFolders(workspace, base ?? '');

  return {
    open,
    async link(path, target) {
      if (!leadsInside(path, target)) throw new Error(`${path} is a link that leads outside`);
      const temporary = await besides(path);
      await fs.symlink(target, temporary);
      await replace(temporary, path);
      links.push(path);
    },
    async checkLinks() {
      for (const path of links) {
        const real = await fs.realpath(join(root, path)).catch(() => undefined);
        if (real === undefined || real === root || real.startsWith(`${root}/`)) continue;
        await fs.rm(join(root, path), { force: true });
        throw new Error(`${path} is a link that leads outside`);
      }
    },
  };

  async function open(path: string): Promise<PlacedFile> {
    const temporary = await besides(path);
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const file = await fs.open(temporary, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
    let isKept = false;
    return {
      write: (bytes) => file.writeFile(bytes),
      async keep(mode) {
        await file.chmod(mode & PERMISSIONS);
        await replace(temporary, path);
        isKept = true;
      },
      async [Symbol.asyncDispose]() {
        await file.close();
        if (!isKept) await fs.rm(temporary, { force: true });
      },
    };
  }

  async function besides(path: string): Promise<string> {
    const folder = dirname(path);
    if (!folders.has(folder)) await requireFolders(root, folder === '.' ? '' : folder);
    folders.add(folder);
    return join(root, folder, randomName());
  }

  async function replace(temporary: string, path: string): Promise<void> {
    try {
      await fs.rename(temporary, join(root, path));
    } catch (error) {
      await fs.rm(temporary, { force: true });
      throw new Error(`${path} could not take its place`, { cause: error });
    }
  }
}

/** Makes what is missing of the folders below `from`, which are no links. */
async function requireFolders(from: string, path: string): Promise<void> {
  let folder = from;
  for (const part of path.split('/').filter((name) => name !== '')) {
    folder = join(folder, part);
    // Others may make it at the same time.
    await fs.mkdir(folder).catch(ignoreExisting);
    if (!(await fs.lstat(folder)).isDirectory())
      throw new Error(`${path} goes through ${part}, which is no folder`);
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
