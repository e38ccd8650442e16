import { createHash } from 'node:crypto';

/** What all objects of an artifact start with. */
export function artifactPrefixOf(artifactId: string): string {
  return `artifacts/${artifactId}/`;
}

/**
 * Where an artifact's file lies in the object storage: a path may hold any character, a key may not. The content's digest is part of it, so
 * that a link to upload other content under the same name never reaches what the artifact has.
 */
export function blobKeyOf(artifactId: string, { path, sha256 }: { path: string; sha256: string }): string {
  return artifactPrefixOf(artifactId) + createHash('sha256').update(`${sha256}/${path}`).digest('hex');
}

/** The one object of an artifact that is an archive. */
export function archiveKeyOf(artifactId: string): string {
  return `${artifactPrefixOf(artifactId)}archive.tar.zst`;
}

/** What the artifact consists of, as JSON. Written after all else, and removed after all else. */
export function manifestKeyOf(artifactId: string): string {
  return `${artifactPrefixOf(artifactId)}manifest.json`;
}

/** Digests of the other objects, as sha256sum(1) checks them. */
export function sumsKeyOf(artifactId: string): string {
  return `${artifactPrefixOf(artifactId)}SHA256SUMS`;
}
