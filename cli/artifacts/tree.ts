import { lstat, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FootmanError } from '#shared/errors';
import { leadsInside, RelativePath } from '#shared/protocol';

/**
 * A folder that strangers' files go into: paths come from jobs, by way of a controller that need not be ours. Nothing is ever written outside of it,
 * nor through a link, whoever made that.
 */
export interface Tree {
  /** Where the file of this path belongs; makes the folders that it lies in. */
  place(path: string): Promise<string>;
  /** Makes a link, in the place of a file or link that is there; false for one that leads out. To be called when all files are there. */
  link(path: string, target: string): Promise<boolean>;
}

export function createTree(root: string): Tree {
  return { place, link };

  async function place(path: string): Promise<string> {
    if (!RelativePath.safeParse(path).success) throw leaving(path);
    await mkdir(root, { recursive: true });
    const folders = path.split('/').slice(0, -1);
    let folder = root;
    for (const part of folders) {
      folder = join(folder, part);
      await ensureFolder(folder);
    }
    return join(root, path);
  }

  async function link(path: string, target: string): Promise<boolean> {
    if (!leadsInside(path, target)) return false;
    const at = await place(path);
    await rm(at, { force: true });
    await symlink(target, at);
    return true;
  }
}

async function ensureFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await lstat(folder)).isDirectory()) return;
    throw new FootmanError('conflict', `${folder} is in the way: it is no folder`, {
      hint: 'nothing is written through links; choose another folder',
    });
  }
}

function leaving(what: string): FootmanError {
  return new FootmanError(
    'protocol-violation',
    `an artifact wants to leave its folder: ${JSON.stringify(what)}`,
  );
}
