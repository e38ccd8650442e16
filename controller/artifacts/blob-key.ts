import { createHash } from 'node:crypto';

/**
 * Where an artifact's file lies in the object storage: a path may hold any character, a key may not. The content's digest is part of it, so
 * that a link to upload other content under the same name never reaches what the artifact has.
 */
export function blobKeyOf(artifactId: string, { path, sha256 }: { path: string; sha256: string }): string {
  return `artifacts/${artifactId}/${createHash('sha256').update(`${sha256}/${path}`).digest('hex')}`;
}
