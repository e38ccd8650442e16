import type { IncomingMessage } from 'node:http';
import { addAbortSignal, Readable } from 'node:stream';
import { FootmanError, messageOf } from '#shared/errors';

/** Content that is being sent. Whoever sends it must end it, sent or not. */
export interface OutgoingStream {
  body: Readable;
  /** The caller's signal, and one that aborts when the content breaks off. */
  signal: AbortSignal;
  [Symbol.dispose](): void;
}

export function outgoingStream(content: AsyncIterable<Uint8Array>, signal: AbortSignal): OutgoingStream {
  const broken = new AbortController();
  const body = Readable.from(content, { objectMode: false });
  body.on('error', (error) => broken.abort(error));
  return {
    body,
    signal: AbortSignal.any([signal, broken.signal]),
    [Symbol.dispose]() {
      body.destroy();
    },
  };
}

/**
 * What a storage sends, until it is there in whole. The time that counts as silence is only that in which somebody waits for it.
 *
 * @throws FootmanError `storage-unavailable` where it breaks off, or nothing comes for so many milliseconds
 */
export function incomingBody(
  source: IncomingMessage,
  bytes: number,
  idleTimeout: number,
  signal: AbortSignal,
): Readable {
  addAbortSignal(signal, source);
  // The connection counts the time in which nobody asks it for more as well.
  source.setTimeout(0);
  // Between two pieces, nobody else listens.
  source.on('error', () => undefined);
  const stream = Readable.from(pieces(), { objectMode: false });
  // One that nobody began to read has nothing else that ends its source.
  return stream.once('close', () => source.destroy());

  async function* pieces(): AsyncGenerator<Uint8Array> {
    let got = 0;
    const silence = () => source.destroy(new Error(`nothing came for ${idleTimeout / 1000} s`));
    let timer = setTimeout(silence, idleTimeout);
    try {
      for await (const piece of source as AsyncIterable<Uint8Array>) {
        clearTimeout(timer);
        got += piece.length;
        yield piece;
        timer = setTimeout(silence, idleTimeout);
      }
      if (got !== bytes) throw new Error(`it ended after ${got} of ${bytes} bytes`);
    } catch (cause) {
      signal.throwIfAborted();
      throw new FootmanError('storage-unavailable', `reading an object broke off: ${messageOf(cause)}`, {
        cause,
      });
    } finally {
      clearTimeout(timer);
      source.destroy();
    }
  }
}
