import type { Request } from 'express';
import { FootmanError } from '#shared/errors';
import { formatBytes } from '#shared/quantity';

/** What GitHub sends at most. */
export const MAX_BODY_BYTES = 25 * 1024 * 1024;

/** Of all bodies that are read at a time: nobody has been asked who they are by then. */
const MAX_TOTAL_BYTES = 8 * MAX_BODY_BYTES;

/** Reads whole bodies, as many at a time as fit into memory. */
export interface BodyReader {
  /** @throws FootmanError `too-large`, `too-many-requests` */
  read(request: Request): Promise<Buffer>;
}

export function createBodyReader(): BodyReader {
  let total = 0;

  return {
    async read(request) {
      if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
      const pieces: Buffer[] = [];
      let bytes = 0;
      try {
        for await (const piece of request as AsyncIterable<Buffer>) {
          bytes += piece.length;
          total += piece.length;
          if (bytes > MAX_BODY_BYTES) throw tooLarge();
          if (total > MAX_TOTAL_BYTES)
            throw new FootmanError('too-many-requests', 'too many deliveries at a time; send it again later');
          pieces.push(piece);
        }
        return Buffer.concat(pieces);
      } finally {
        total -= bytes;
      }
    },
  };
}

function tooLarge(): FootmanError {
  return new FootmanError('too-large', `a delivery may have at most ${formatBytes(MAX_BODY_BYTES)}`);
}
