import { mapConcurrently } from '#shared/concurrently';
import type { Patience, Transport } from '../http/index.ts';
import type { Meter } from '../meter/index.ts';
import type { Dialogue, Put } from './dialogue.ts';
import { piecesOf, type Piece } from './pieces.ts';
import { storePiece } from './store-piece.ts';
import { requireUnchanged, type StoredObject } from './stored-object.ts';

/** What the collections of one artifact know of each other, over all connections. */
export interface Stored {
  /** Paths of objects that the storage has. */
  paths: Set<string>;
  /** Whole objects on their way to it, or there. A lost connection to the controller does not end them. */
  underWay: Map<string, Promise<void>>;
  /** Ends with the artifact. */
  signal: AbortSignal;
}

interface Deps {
  transport: Transport;
  patience: Patience;
  meter: Meter;
  dialogue: Dialogue;
  stored: Stored;
  /** Names an object again, and hears where it goes. */
  nameAgain(object: StoredObject): Promise<Put[]>;
}

/** Transfers at a time. */
const PARALLEL = 8;

/**
 * Uploads those of the objects that were given places, and that are not stored yet. Once one fails for good, all end.
 *
 * @throws TransferError or Error that names the object
 */
export async function storeObjects(
  objects: readonly StoredObject[],
  puts: readonly Put[],
  deps: Deps,
  signal: AbortSignal,
): Promise<void> {
  const { stored, dialogue, meter } = deps;
  const failing = new AbortController();
  const places = new Map(puts.map((put) => [put.path, put]));
  const left = new Map<StoredObject, number>();
  const pieces = objects.flatMap((object) => {
    const put = places.get(object.path);
    const some = put === undefined || stored.paths.has(object.path) ? [] : piecesFor(object, put);
    meter.moved(object.bytes - some.reduce((bytes, piece) => bytes + piece.bytes, 0));
    left.set(object, some.length);
    return some;
  });
  for (const object of objects) if (left.get(object) === 0) await finish(object);
  await mapConcurrently(pieces, PARALLEL, store);

  function piecesFor(object: StoredObject, put: Put): Piece[] {
    return piecesOf(object, put, { dialogue, nameAgain: () => deps.nameAgain(object) });
  }

  async function store(piece: Piece): Promise<void> {
    signal.throwIfAborted();
    try {
      if (piece.bytes === piece.object.bytes) await storeWhole(piece);
      else await storePiece(piece, deps, AbortSignal.any([signal, failing.signal]));
      const count = (left.get(piece.object) ?? 0) - 1;
      left.set(piece.object, count);
      if (count === 0) await finish(piece.object);
    } catch (error) {
      if (!signal.aborted) failing.abort(error);
      throw error;
    }
  }

  async function storeWhole(piece: Piece): Promise<void> {
    const { path, bytes } = piece.object;
    const earlier = stored.underWay.get(path)?.then(
      () => true,
      () => false,
    );
    if ((await earlier) === true) return meter.moved(bytes);
    const transfer = storePiece(piece, deps, AbortSignal.any([stored.signal, failing.signal]));
    stored.underWay.set(path, transfer);
    try {
      await transfer;
    } catch (error) {
      if (stored.underWay.get(path) === transfer) stored.underWay.delete(path);
      throw error;
    }
  }

  async function finish(object: StoredObject): Promise<void> {
    await requireUnchanged(object);
    stored.paths.add(object.path);
    meter.done(1);
  }
}
