import { messageOf } from '#shared/errors';
import type { ArtifactFile, PresignedRequest } from '#shared/protocol';
import { persist, TransferError, type Patience, type Transport } from '../http/index.ts';
import type { Meter } from '../meter/index.ts';
import type { Place } from './place.ts';
import { createReceiver } from './receive-file.ts';

export interface FetchContext {
  place: Place;
  transport: Transport;
  patience: Patience;
  meter: Meter;
}

interface Requests {
  request: PresignedRequest;
  /** Another one, in the place of one that has expired. */
  renew(): Promise<PresignedRequest>;
}

/**
 * Downloads the file to its place, where it appears whole and with the promised digest.
 *
 * @throws Error that names it
 */
export async function fetchFile(
  { path, bytes, sha256, mode }: ArtifactFile,
  requests: Requests | undefined,
  { place, transport, patience, meter }: FetchContext,
  signal: AbortSignal,
): Promise<void> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  await using file = await place.open(path);
  const receiver = createReceiver(bytes, async (piece) => {
    hash.update(piece);
    await file.write(piece).catch(disk);
    meter.moved(piece.length);
    patience.succeeded();
  });
  try {
    if (bytes > 0) {
      if (requests === undefined) throw new Error('the controller did not tell where it is');
      const { receive } = receiver;
      await persist({ transport, patience, ...requests, from: () => receiver.bytes, receive }, signal);
    }
    if (hash.digest('hex') !== sha256) throw new Error('its SHA-256 is not the promised one');
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`${path} could not be fetched: ${messageOf(error)}`, { cause: error });
  }
  await file.keep(mode);
  meter.done(1);
}

/** The next attempt would find the same disk. */
function disk(error: unknown): never {
  throw new TransferError(messageOf(error), false, error);
}
