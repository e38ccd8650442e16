import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** A stream that people or programs read. */
export interface Output {
  readonly isTerminal: boolean;
  /** Width in columns; 80 where nobody knows. */
  columns(): number;
  /** Resolves when there is room for more. What a reader who left doesn't take is dropped. */
  write(text: string | Uint8Array): Promise<void>;
  /** Aborts when the reader has left. */
  readonly closed: AbortSignal;
}

interface Stream extends Writable {
  isTTY?: boolean;
  columns?: number;
}

export function createOutput(stream: Stream): Output {
  const closed = new AbortController();
  // Such as `head`, which leaves when it has enough: no reason to complain.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    closed.abort();
  });

  return {
    isTerminal: stream.isTTY === true,
    // A terminal that was told no size says 0.
    columns: () => stream.columns || 80,
    closed: closed.signal,
    async write(text) {
      if (closed.signal.aborted || stream.write(text)) return;
      try {
        await once(stream, 'drain', { signal: closed.signal });
      } catch {
        closed.abort();
      }
    },
  };
}
