import { dirname, join } from 'node:path/posix';
import { filesAt, type Artifact, type Db, type StoredFile } from '#controller/store';
import { FootmanError } from '#shared/errors';

/** Links that are followed one after another. */
const MOST_HOPS = 20;

/**
 * The artifact's file at the path, through links of the artifact's own.
 *
 * @throws FootmanError `not-found`, for links that lead nowhere or out of the artifact as well
 */
export async function requireFile(
  db: Db,
  artifact: Pick<Artifact, 'id' | 'name'>,
  path: string,
): Promise<StoredFile> {
  let at: string = path;
  for (let hop = 0; hop < MOST_HOPS; hop += 1) {
    const found = await filesAt(db, artifact.id, prefixesOf(at));
    const link = found.find((file) => file.link !== null);
    if (link === undefined) {
      const file = found.find((one) => one.path === at);
      if (file !== undefined) return file;
      throw missing(artifact, path, at);
    }
    const target = join(dirname(link.path), link.link ?? '', at.slice(link.path.length));
    if (target.startsWith('../') || target.startsWith('/')) throw missing(artifact, path, target);
    at = target;
  }
  throw new FootmanError('not-found', `${JSON.stringify(path)} is a link that leads to itself`);
}

/** The path itself and the folders that it lies in, the outermost first. */
function prefixesOf(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function missing({ name }: Pick<Artifact, 'name'>, path: string, at: string): FootmanError {
  const which =
    at === path ? JSON.stringify(path) : `${JSON.stringify(at)}, where ${JSON.stringify(path)} leads`;
  return new FootmanError('not-found', `artifact ${name} has no file ${which}`);
}
