import type { SeekTable } from '#shared/seekable';

/** What tells where things are in an archived log. */
export interface Guide {
  index: Buffer;
  table: SeekTable;
}

/** Guides that were used last, up to some bytes together: most readers of a log come more than once. */
export interface Shelf {
  take(key: string): Guide | undefined;
  put(key: string, guide: Guide): void;
}

export function createShelf(limitBytes: number): Shelf {
  /** The one that was used last is the last. */
  const guides = new Map<string, Guide>();
  let bytes = 0;

  return {
    take(key) {
      const guide = guides.get(key);
      if (guide === undefined) return undefined;
      guides.delete(key);
      guides.set(key, guide);
      return guide;
    },
    put(key, guide) {
      remove(key);
      guides.set(key, guide);
      bytes += bytesOf(guide);
      for (const oldest of guides.keys()) {
        if (bytes <= limitBytes) return;
        remove(oldest);
      }
    },
  };

  function remove(key: string): void {
    const guide = guides.get(key);
    if (guide === undefined) return;
    guides.delete(key);
    bytes -= bytesOf(guide);
  }
}

function bytesOf({ index, table }: Guide): number {
  return index.length + table.starts.byteLength + table.contents.byteLength;
}
