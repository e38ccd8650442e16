import { filesOfArtifact, type Db, type StoredFile } from '#controller/store';

const FILES_PER_PAGE = 1000;

/** All files of an artifact by path, never many at a time. */
export async function* pagesOfFiles(db: Db, artifactId: string): AsyncGenerator<StoredFile[]> {
  let after: string | undefined;
  do {
    const page = await filesOfArtifact(db, artifactId, { limit: FILES_PER_PAGE, after });
    yield page;
    after = page.length < FILES_PER_PAGE ? undefined : page.at(-1)?.path;
  } while (after !== undefined);
}
