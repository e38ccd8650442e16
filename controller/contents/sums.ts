import { pagesOfFiles } from './pages.ts';
import type { Db } from '#controller/store';

/** Digests of all files by their paths, as sha256sum(1) checks them in a folder that has the artifact. */
export async function* sumsOfArtifact(db: Db, artifactId: string): AsyncGenerator<string> {
  for await (const page of pagesOfFiles(db, artifactId)) {
    yield page
      .filter(({ link }) => link === null)
      .map(({ path, sha256 }) => lineOf(path, sha256))
      .join('');
  }
}

/** A name that would not fit into a line is escaped, and the line says so by a backslash in front. */
function lineOf(path: string, sha256: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
}
