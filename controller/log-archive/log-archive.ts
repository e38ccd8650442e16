import { buffer } from 'node:stream/consumers';
import type { Blobs } from '#controller/blobs';
import type { LogArchive, LogId } from '#controller/logs';
import { createShelf } from '#controller/shelf';
import { archivedBytes, type Store } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { readBetween, readSeekTable, type ReadRange, type SeekTable } from '#shared/seekable';
import { logKeysOf } from './blob-key.ts';

interface Deps {
  store: Store;
  blobs: Blobs;
}

/** What tells where things are in an archived log. */
interface Guide {
  index: Buffer;
  table: SeekTable;
}

/** Guides that are remembered, all together: most readers of a log come more than once. */
const SHELF_BYTES = 32 * 1024 * 1024;

/** The archive as logs are read from it: an index, a table of frames, and then the frames that hold what is wanted. */
export function createLogArchive({ store, blobs }: Deps): LogArchive {
  const shelf = createShelf(SHELF_BYTES, bytesOf);

  return {
    async open(id, signal) {
      const bytes = (await archivedBytes(store.db, [id.step])).get(id.step) ?? null;
      if (bytes === null) return undefined;
      if (bytes === 0) return { index: Buffer.alloc(0), bytes: nothing };
      const keys = logKeysOf(id);
      const read = rangesOf(keys.log);
      const guide = await guideOf(id, bytes, signal);
      return {
        index: guide.index,
        bytes: (from, to) => sound(id, readBetween(guide.table, from, to, read, signal)),
      };
    },
  };

  async function guideOf(id: LogId, bytes: number, signal: AbortSignal): Promise<Guide> {
    const keys = logKeysOf(id);
    const known = shelf.take(keys.log);
    if (known !== undefined) return known;
    const guide = await asked(id, async () => {
      const index = await buffer((await blobs.get(keys.index, {}, signal)).stream);
      return { index, table: await readSeekTable(rangesOf(keys.log), bytes - index.length, signal) };
    });
    shelf.put(keys.log, guide);
    return guide;
  }

  function rangesOf(key: string): ReadRange {
    return async function* (offset, length, signal) {
      yield* (await blobs.get(key, { range: { offset, length } }, signal)).stream;
    };
  }
}

function bytesOf({ index, table }: Guide): number {
  return index.length + table.starts.byteLength + table.contents.byteLength;
}

async function* nothing(): AsyncGenerator<Buffer> {}

async function* sound(id: LogId, content: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* content;
  } catch (error) {
    throw told(id, error);
  }
}

async function asked<T>(id: LogId, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw told(id, error);
  }
}

/** What is wrong with an object is no mistake of the one who wants to read a log. */
function told({ step }: LogId, cause: unknown): unknown {
  if (!(cause instanceof FootmanError)) return cause;
  if (cause.code === 'not-found')
    return new FootmanError('not-found', `the log of step ${step} is not in the storage any more`, { cause });
  if (cause.code !== 'request-invalid') return cause;
  return new FootmanError('internal', `the log of step ${step} is spoilt in the storage`, { cause });
}
