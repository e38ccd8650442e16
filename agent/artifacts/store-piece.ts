import { messageOf } from '#shared/errors';
import { persist, TransferError, type Patience, type Transport } from '../http/index.ts';
import type { Flight, Meter } from '../meter/index.ts';
import type { Piece } from './pieces.ts';
import { readSlice } from './read-slice.ts';

interface Deps {
  transport: Transport;
  patience: Patience;
  meter: Meter;
}

/** Read at once: with thousands of small files, opening a stream for each would take longer than storing it. */
const SMALL_BYTES = 256 * 1024;

/**
 * Uploads the piece.
 *
 * @throws TransferError that names its object
 */
export async function storePiece(
  piece: Piece,
  { transport, patience, meter }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const { object, renew } = piece;
  const flight = meter.flight();
  try {
    const request = await piece.request();
    const body = await bodyOf(piece, flight);
    await persist({ transport, patience, request, renew, body }, signal);
    if (Buffer.isBuffer(body)) flight.moved(body.length);
  } catch (error) {
    signal.throwIfAborted();
    const again = error instanceof TransferError && error.again;
    throw new TransferError(`${object.path} could not be stored: ${messageOf(error)}`, again, error);
  }
}

async function bodyOf({ object: { from }, offset, bytes }: Piece, flight: Flight) {
  if (bytes <= SMALL_BYTES) {
    const pieces = await Array.fromAsync(readSlice(from, offset, bytes));
    return Buffer.concat(pieces);
  }
  return {
    bytes,
    async *open() {
      flight.restart();
      for await (const piece of readSlice(from, offset, bytes)) {
        flight.moved(piece.length);
        yield piece;
      }
    },
  };
}
