import { promises as fs, type Dir, type Dirent } from 'node:fs';
import { toPath } from './names.ts';

/** A folder that is being read. */
export interface Listing {
  /** As it was opened. */
  readonly path: string;
  /** The next names, at most `count`; none at the end. */
  next(count: number): Promise<string[]>;
  close(): Promise<void>;
}

export async function openListing(path: string): Promise<Listing> {
  // The types know of no names as bytes here.
  const folder: Dir = await fs.opendir(toPath(path), { encoding: 'buffer' as BufferEncoding });
  // Node leaves them out, and clients show them.
  const names = ['.', '..'];

  return {
    path,
    async next(count) {
      while (names.length < count) {
        const entry = (await folder.read()) as unknown as Dirent<Buffer> | null;
        if (entry === null) break;
        names.push(entry.name.toString('latin1'));
      }
      return names.splice(0, count);
    },
    close: () => folder.close(),
  };
}
