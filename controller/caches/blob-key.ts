/** Where what a save step packed lies in the object storage. The digest is part of it: no link to upload other content reaches the entry. */
export function cacheBlobKeyOf(stepId: string, { sha256 }: { sha256: string }): string {
  return `caches/${stepId}/${sha256}`;
}
