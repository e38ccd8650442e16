import { join } from 'node:path';
import { z } from 'zod';
import { readJson, type MarkedFolder } from '#controller/files';

/**
 * What a node has on disk; its tags are the folder's mark.
 *
 *     tags.json       whose node it is
 *     agent.pid.json  the agent's process, once it has its bootstrap
 *     console.log     what the agent printed
 *     root/           the agent's own
 */
export interface NodeFolder extends MarkedFolder {
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
    mark: TAGS,
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
