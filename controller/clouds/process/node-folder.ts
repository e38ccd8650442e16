import { mkdir, readdir, rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '#controller/files';
import { readJson } from '#controller/files';
import { removeTree } from '#controller/files';

/**
 * What a node has on disk. The folder appears at once with its tags in it, and the tags go last: so a folder without tags is somebody
 * else's.
 *
 *     tags.json       whose node it is
 *     agent.pid.json  the agent's process, once it has its bootstrap
 *     console.log     what the agent printed
 *     root/           the agent's own
 */
export interface NodeFolder {
  path: string;
  tags: string;
  agent: string;
  console: string;
  root: string;
}

const Tags = z.object({
  controller: z.string(),
  node: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.int(),
  /** The same moment on the kernel's clock. */
  bootId: z.string(),
  uptimeTicks: z.int(),
});
export type Tags = z.infer<typeof Tags>;

const TAGS = 'tags.json';

/** `node` must be a node's id: it becomes part of the path. */
export function nodeFolder(parent: string, node: string): NodeFolder {
  const path = join(parent, node);
  return {
    path,
    tags: join(path, TAGS),
    agent: join(path, 'agent.pid.json'),
    console: join(path, 'console.log'),
    root: join(path, 'root'),
  };
}

/** The node's tags, or undefined where there is no such node. */
export async function readTags(folder: NodeFolder): Promise<Tags | undefined> {
  const tags = Tags.safeParse(await readJson(folder.tags));
  return tags.success ? tags.data : undefined;
}

/** A folder that is there already stays as it is. */
export async function makeNodeFolder(folder: NodeFolder, tags: Tags): Promise<void> {
  const staging = stagingOf(folder);
  await mkdir(staging, { recursive: true, mode: 0o700 });
  await writeFile(join(staging, TAGS), JSON.stringify(tags));
  try {
    await rename(staging, folder.path);
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
    await removeTree(staging);
  }
}

/** Removes the node's folder, where it still is; the tags go last, so that a removal cut short can be found and finished. */
export async function removeNodeFolder(folder: NodeFolder): Promise<void> {
  for (const name of await namesIn(folder.path)) {
    if (name !== TAGS) await removeTree(join(folder.path, name));
  }
  await removeTree(folder.path);
}

/** None in a folder that is not there: another removal may have been quicker. */
async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Removes what a launch or a removal that was cut short left beside the tags. */
export async function removeRemains(folder: NodeFolder): Promise<void> {
  await removeTree(stagingOf(folder));
  try {
    await rmdir(folder.path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTEMPTY') throw error;
  }
}

/** No node's id has a dot. */
function stagingOf(folder: NodeFolder): string {
  return `${folder.path}.new`;
}
