import { join } from 'node:path';
import type { ArtifactFile } from '#shared/protocol';
import { digestOf } from './digest.ts';
import type { FoundFile } from './find-files.ts';

const DIGEST_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** The file as the protocol names it. */
export async function nameFile(file: FoundFile, root: string, signal: AbortSignal): Promise<ArtifactFile> {
  const { path, bytes, mode, link } = file;
  if (link !== undefined) return nameLink(path, link);
  return { path, bytes, sha256: await digestOf(join(root, path), signal), mode };
}

export function nameLink(path: string, link: string): ArtifactFile {
  return { path, bytes: 0, sha256: DIGEST_OF_NOTHING, mode: 0o777, link };
}
