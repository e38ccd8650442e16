import type { PresignedRequest } from '#shared/protocol';
import type { Dialogue, Put } from './dialogue.ts';
import { createPartRequests } from './part-requests.ts';
import type { StoredObject } from './stored-object.ts';

/** What one request stores: a whole object, or a part of one. */
export interface Piece {
  object: StoredObject;
  offset: number;
  bytes: number;
  request(): Promise<PresignedRequest>;
  /** Another one, in the place of one that has expired. */
  renew(): Promise<PresignedRequest>;
}

interface Deps {
  dialogue: Dialogue;
  /** Names the object again, and hears where it goes. */
  nameAgain(): Promise<Put[]>;
}

/**
 * The pieces of the object that the storage does not have yet.
 *
 * @throws Error for parts that do not make up the object
 */
export function piecesOf(object: StoredObject, put: Put, { dialogue, nameAgain }: Deps): Piece[] {
  if ('request' in put) {
    const renew = async (): Promise<PresignedRequest> => {
      const again = (await nameAgain()).find(({ path }) => path === object.path);
      if (again === undefined || !('request' in again)) throw new Error(`no place to store ${object.path}`);
      return again.request;
    };
    return [{ object, offset: 0, bytes: object.bytes, request: async () => put.request, renew }];
  }
  const { bytes, count } = put.parts;
  if (bytes < 1 || count !== Math.ceil(object.bytes / bytes))
    throw new Error(`${count} parts of ${bytes} bytes are not ${object.path}`);
  const stored = new Set(put.stored);
  const parts = Array.from({ length: count }, (_, index) => index + 1).filter((part) => !stored.has(part));
  const requests = createPartRequests(object.path, parts, dialogue);
  return parts.map((part) => ({
    object,
    offset: (part - 1) * bytes,
    bytes: Math.min(bytes, object.bytes - (part - 1) * bytes),
    request: () => requests.take(part),
    renew: () => requests.renew(part),
  }));
}
