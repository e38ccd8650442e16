import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Libc } from './libc.ts';

/** One pipe for a process's standard output and standard error together: one order, the order in which it wrote. */
export interface OutputPipe {
  /** To be given to the process twice, and closed here once it has it. */
  readonly writable: number;
  closeWritable(): void;
  /** Resolves when nobody holds the other end any more, or the pipe was abandoned. */
  readonly ended: Promise<void>;
  /** Reads no more: whoever still writes gets SIGPIPE. */
  abandon(): void;
}

/** Most bytes of one read. */
const READ_BYTES = 256 * 1024;
/** With less room than this left in a slab, the next read gets a new one. */
const MIN_READ_BYTES = 64 * 1024;

/** `onBytes` gets each piece as it was read; it is never written to again. */
export function openOutputPipe(libc: Libc, onBytes: (bytes: Buffer) => void): OutputPipe {
  const { readable, writable } = libc.pipe();
  const ended = Promise.withResolvers<void>();
  let slab = Buffer.allocUnsafeSlow(MIN_READ_BYTES);
  let used = 0;
  let isWritableOpen = true;

  const socket = new Socket({
    fd: readable,
    readable: true,
    writable: false,
    onread: { buffer: nextBuffer, callback: take },
  });
  socket.on('error', () => undefined);
  socket.on('close', () => ended.resolve());

  return {
    writable,
    closeWritable() {
      if (isWritableOpen) closeSync(writable);
      isWritableOpen = false;
    },
    ended: ended.promise,
    abandon: () => void socket.destroy(),
  };

  /** A slab is filled once, from front to back, and dropped: what was read from it may still be on its way. */
  function nextBuffer(): Buffer {
    if (slab.length - used < MIN_READ_BYTES) {
      slab = Buffer.allocUnsafeSlow(READ_BYTES);
      used = 0;
    }
    return slab.subarray(used);
  }

  function take(length: number, buffer: Uint8Array): boolean {
    used += length;
    onBytes(Buffer.from(buffer.buffer, buffer.byteOffset, length));
    return true;
  }
}
