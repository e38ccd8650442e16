import type { promises } from 'node:fs';
import { STATUS } from './codes.ts';
import { MAX_HANDLES } from './limits.ts';
import type { Listing } from './listing.ts';
import { Refusal } from './refusal.ts';

/** What a client has open. A handle is never given out twice, so that a late request can't meet another file. */
export interface Handles {
  /** Opens a file or a folder, and gives its handle. @throws Refusal when there are too many, else what `open` throws */
  add(open: () => Promise<promises.FileHandle | Listing>): Promise<string>;
  /** @throws Refusal where there is no such open file */
  file(handle: string): promises.FileHandle;
  /** @throws Refusal where there is no such open folder */
  folder(handle: string): Listing;
  /** @throws Refusal where there is no such handle, else what closing throws: the handle is gone all the same */
  close(handle: string): Promise<void>;
  closeAll(): Promise<void>;
}

export function createHandles(): Handles {
  const open = new Map<string, promises.FileHandle | Listing>();
  let last = 0;

  return {
    async add(opening) {
      if (open.size >= MAX_HANDLES)
        throw new Refusal(STATUS.failure, `more than ${MAX_HANDLES} files are open`);
      const opened = await opening();
      const handle = String(++last);
      open.set(handle, opened);
      return handle;
    },
    file(handle) {
      const opened = get(handle);
      if ('read' in opened) return opened;
      throw new Refusal(STATUS.failure, 'this is the handle of a folder');
    },
    folder(handle) {
      const opened = get(handle);
      if ('next' in opened) return opened;
      throw new Refusal(STATUS.failure, 'this is the handle of a file');
    },
    async close(handle) {
      const opened = get(handle);
      open.delete(handle);
      await opened.close();
    },
    async closeAll() {
      const left = [...open.values()];
      open.clear();
      await Promise.allSettled(left.map((opened) => opened.close()));
    },
  };

  function get(handle: string): promises.FileHandle | Listing {
    const opened = open.get(handle);
    if (opened === undefined) throw new Refusal(STATUS.failure, 'there is no such handle');
    return opened;
  }
}
