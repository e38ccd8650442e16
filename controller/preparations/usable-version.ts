import { findVersion, type Db, type ImageStream, type ImageVersion } from '#controller/store';

/** The current version of the stream, where nodes may be made of it. */
export async function usableVersion(
  db: Db,
  { current }: Pick<ImageStream, 'current'>,
): Promise<ImageVersion | undefined> {
  const version = current === null ? undefined : await findVersion(db, current);
  return version?.state === 'ready' && version.bad === 0 ? version : undefined;
}
