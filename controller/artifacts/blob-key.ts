import { createHash } from 'node:crypto';

/** Where an artifact's file lies in the object storage: a path may hold any character, a key may not. */
export function blobKeyOf(artifactId: string, path: string): string {
  return `artifacts/${artifactId}/${createHash('sha256').update(path).digest('hex')}`;
}
