import { promises as fs } from 'node:fs';
import { join, posix } from 'node:path';
import { MAX_PATH_LENGTH } from '#shared/protocol';

/**
 * Where the link leads, if it is relative and what it leads to is there and below the root: by its words, which is what counts where it is
 * written out again, and really. Undefined otherwise.
 *
 * @param root free of links itself
 */
export async function readInnerLink(root: string, path: string): Promise<string | undefined> {
  const link = await fs.readlink(join(root, path));
  if (link.startsWith('/') || link.length > MAX_PATH_LENGTH || /[\\\u{fffd}]/u.test(link)) return undefined;
  const named = posix.join(posix.dirname(path), link);
  if (named === '..' || named.startsWith('../')) return undefined;
  const real = await fs.realpath(join(root, path)).catch(() => undefined);
  return real === root || real?.startsWith(`${root}/`) === true ? link : undefined;
}
