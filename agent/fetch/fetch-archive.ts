import { once } from 'node:events';
import { messageOf } from '#shared/errors';
import type { FetchBegin, PresignedRequest } from '#shared/protocol';
import { MAX_WINDOW_LOG } from '#shared/seekable';
import { persist, TransferError } from '../http/index.ts';
import { createCursor } from './cursor.ts';
import type { FetchContext } from './fetch-file.ts';
import type { Pages } from './pages.ts';
import { createReceiver } from './receive-file.ts';
import { unpack } from './unpack.ts';

type Archive = NonNullable<FetchBegin['archive']>;

/**
 * Downloads the archive, and takes the files out of it while it comes.
 *
 * @param latest the request that the controller told last for it
 */
export async function fetchArchive(
  pages: Pages,
  { request, bytes }: Archive,
  latest: () => PresignedRequest,
  context: FetchContext,
  signal: AbortSignal,
): Promise<void> {
  const { transport, patience, meter } = context;
  const { constants, createZstdDecompress } = await import('node:zlib');
  const unzip = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG } });
  // Nobody may be reading when it breaks; whoever reads then hears of it.
  unzip.on('error', () => undefined);
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const receiver = createReceiver(bytes, async (piece) => {
    if (unzip.destroyed) throw new TransferError('it is damaged', false);
    meter.moved(piece.length);
    patience.succeeded();
    if (!unzip.write(piece)) await once(unzip, 'drain', { signal: either });
  });
  const renew = async (): Promise<PresignedRequest> => latest();
  const from = (): number => receiver.bytes;
  const { receive } = receiver;
  const download = persist({ transport, patience, request, renew, from, receive }, either).then(
    () => unzip.end(),
    (error: unknown) =>
      unzip.destroy(new TransferError(`the archive could not be fetched: ${messageOf(error)}`, false)),
  );
  try {
    await unpack(pages, createCursor(unzip), context, signal);
  } finally {
    // What comes after the last file is the table, which nobody needs here.
    enough.abort();
    unzip.destroy();
    await download;
  }
}
