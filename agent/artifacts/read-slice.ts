import { promises as fs } from 'node:fs';
import { TransferError } from '../http/index.ts';

const PIECE_BYTES = 256 * 1024;

/**
 * So many bytes of the file, from the offset on: just these, also of one that grows meanwhile.
 *
 * @throws TransferError for a file that is not there, or ends before
 */
export async function* readSlice(path: string, offset: number, bytes: number): AsyncGenerator<Buffer> {
  await using file = await fs.open(path, 'r').catch((error: unknown) => {
    throw new TransferError('it can not be read any more', false, error);
  });
  for (let at = offset; at < offset + bytes;) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, offset + bytes - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) throw new TransferError('it changed while it was stored', false);
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}
