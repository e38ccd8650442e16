import { CHANNEL_WINDOW_BYTES, MAX_CHANNEL_FRAME_BYTES } from '#shared/protocol';

/** What is written to a channel, on its way to the node: no faster than the node takes it, one frame of a channel at a time. */
export interface Outlet {
  /** The stream's own `write`: `done` is called when all of it is out. */
  write(bytes: Buffer, done: () => void): void;
  /** The node has taken so many bytes. False where it had not got as many. */
  credit(bytes: number): boolean;
  /** What waits is dropped. */
  end(): void;
}

/** `send` calls back when the bytes are out. */
export function createOutlet(send: (bytes: Buffer, out: () => void) => void): Outlet {
  let window = CHANNEL_WINDOW_BYTES;
  let waiting: { bytes: Buffer; done: () => void } | undefined;
  let isSending = false;
  let isOver = false;

  return {
    write(bytes, done) {
      waiting = { bytes, done };
      move();
    },
    credit(bytes) {
      window += bytes;
      if (window > CHANNEL_WINDOW_BYTES) return false;
      move();
      return true;
    },
    end() {
      isOver = true;
      move();
    },
  };

  function move(): void {
    if (waiting === undefined || isSending) return;
    if (isOver || waiting.bytes.length === 0) {
      const { done } = waiting;
      waiting = undefined;
      done();
      return;
    }
    const size = Math.min(waiting.bytes.length, window, MAX_CHANNEL_FRAME_BYTES);
    if (size === 0) return;
    const piece = waiting.bytes.subarray(0, size);
    waiting.bytes = waiting.bytes.subarray(size);
    window -= size;
    isSending = true;
    send(piece, () => {
      isSending = false;
      move();
    });
  }
}
