import type { IncomingMessage } from 'node:http';
import { TransferError } from '../http/index.ts';

/** Takes an object that comes in one response, or after failures in several. */
export interface Receiver {
  /** Bytes that have come. */
  readonly bytes: number;
  receive(response: IncomingMessage): Promise<void>;
}

/**
 * @param take is given the bytes in their order, each once
 * @param total bytes that are promised
 */
export function createReceiver(total: number, take: (bytes: Buffer) => Promise<void>): Receiver {
  let taken = 0;
  return {
    get bytes() {
      return taken;
    },
    async receive(response) {
      // A server that does not care for the range sends all: what is here already is passed over.
      let skip = response.statusCode === 206 ? 0 : taken;
      try {
        for await (const piece of response as AsyncIterable<Buffer>) {
          const rest = piece.subarray(Math.min(skip, piece.length));
          skip -= piece.length - rest.length;
          if (taken + rest.length > total)
            throw new TransferError(`more than the ${total} bytes came that were promised`, false);
          await take(rest);
          taken += rest.length;
        }
      } catch (error) {
        if (taken < total || error instanceof TransferError) throw error;
      }
      if (taken < total)
        throw new TransferError(`only ${taken} of the ${total} bytes came that were promised`, false);
    },
  };
}
