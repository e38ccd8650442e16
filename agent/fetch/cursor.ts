import { messageOf } from '#shared/errors';
import { TransferError } from '../http/index.ts';

/** A place in a stream, which only moves on. */
export interface Cursor {
  /** Bytes before it. */
  readonly at: number;
  /** Moves on by so many bytes, which `use` is given. @throws Error where the stream ends before */
  take(bytes: number, use: (piece: Buffer) => Promise<void> | void): Promise<void>;
}

export function createCursor(stream: AsyncIterable<Buffer>): Cursor {
  const pieces = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  return {
    get at() {
      return at;
    },
    async take(bytes, use) {
      for (let left = bytes; left > 0;) {
        if (rest.length === 0) {
          const next = await pieces.next().catch(broken);
          if (next.done === true) throw new Error('the archive ends before its last file');
          rest = next.value;
        }
        const piece = rest.subarray(0, left);
        rest = rest.subarray(piece.length);
        at += piece.length;
        left -= piece.length;
        await use(piece);
      }
    },
  };
}

function broken(error: unknown): never {
  throw error instanceof TransferError ? error : new Error(`the archive is damaged: ${messageOf(error)}`);
}
