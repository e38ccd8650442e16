import { PREPARED } from '#controller/images';
import {
  findListedVersion,
  listStreams,
  type Db,
  type ImageStream,
  type ListedVersion,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { nearest } from '#shared/nearest';

/** Shorter ones would be taken for many. */
const SHORTEST_DIGEST = 6;

/** @throws FootmanError `not-found` */
export async function requireVersion(db: Db, idOrName: string): Promise<ListedVersion> {
  const version = await findListedVersion(db, idOrName);
  if (version === undefined)
    throw new FootmanError('not-found', `there is no image version ${idOrName}`, {
      hint: '`footman image ls STREAM` lists the versions of a stream',
    });
  return version;
}

/** The stream in one cloud, or in all of them, in the order in which their rows are locked by everybody. @throws FootmanError `not-found` with the nearest names */
export async function requireStreams(
  db: Db,
  { stream, cloud }: { stream: string; cloud?: string | undefined },
): Promise<ImageStream[]> {
  const all = await listStreams(db);
  const named = all.filter(({ name }) => name === stream).toSorted(byCloud);
  const found = named.filter((one) => cloud === undefined || one.cloud === cloud);
  if (found.length > 0) return found;
  if (named.length > 0) {
    const clouds = named.map((one) => one.cloud).join(' and ');
    throw new FootmanError('not-found', `image stream ${stream} is not in cloud ${cloud}`, {
      hint: `it is in ${clouds}`,
    });
  }
  const known = all.filter(({ kind }) => kind === 'named').map(({ name }) => name);
  const close = nearest(stream, [...new Set(known)]);
  throw new FootmanError('not-found', `there is no image stream ${stream}`, {
    hint: close.length > 0 ? `did you mean ${close.join(' or ')}?` : '`footman image ls` lists them',
  });
}

/**
 * Streams of prepared images by what people know of them: the title, which is the same for all that a key came to over time; the name of
 * one stream; the beginning of the digest in its name.
 *
 * @throws FootmanError `not-found`
 */
export async function requirePrepared(db: Db, key: string): Promise<ImageStream[]> {
  const prepared = (await listStreams(db)).filter(({ kind }) => kind === 'prepared');
  const found = prepared.filter(
    ({ name, title }) =>
      title === key || name === key || (key.length >= SHORTEST_DIGEST && name.startsWith(PREPARED + key)),
  );
  if (found.length > 0) return found;
  throw new FootmanError('not-found', `there is no prepared image ${JSON.stringify(key)}`, {
    hint: '`footman image ls --prepared` lists them',
  });
}

/** Databases have orders of their own. */
function byCloud(one: ImageStream, other: ImageStream): number {
  return one.cloud < other.cloud ? -1 : 1;
}
