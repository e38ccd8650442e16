import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { leadsInside, MAX_PATH_LENGTH } from '#shared/protocol';

/**
 * Where the link leads, if it is relative and what it leads to is there and below the root: by its words, which is what counts where it is
 * written out again, and really. Undefined otherwise.
 *
 * @param root free of links itself
 */
export async function readInnerLink(root: string, path: string): Promise<string | undefined> {
  const link = await fs.readlink(join(root, path));
  if (link.length > MAX_PATH_LENGTH || link.includes('\u{fffd}') || !leadsInside(path, link))
    return undefined;
  const real = await fs.realpath(join(root, path)).catch(() => undefined);
  return real === root || real?.startsWith(`${root}/`) === true ? link : undefined;
}
