import { promises as fs } from 'node:fs';

/** Something on the disk that becomes one object in the storage. */
export interface StoredObject {
  /** What controller and agent call it: the file's path in the artifact, or the word for the archive. */
  path: string;
  /** Where it is. */
  from: string;
  bytes: number;
  /** When it was changed last, as it was found. */
  modified: number;
}

/** @throws Error that names it if it is not what it was when it was found */
export async function requireUnchanged({ path, from, bytes, modified }: StoredObject): Promise<void> {
  const now = await fs.stat(from).catch(() => undefined);
  if (now?.size !== bytes || now.mtimeMs !== modified) throw new Error(`${path} changed while it was stored`);
}
