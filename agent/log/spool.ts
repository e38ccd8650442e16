import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

/**
 * A step's log on the node's disk, until the controller has all of it. It lives in the page cache mostly: nothing waits for the disk,
 * since a node that loses its power has lost the step too.
 */
export interface Spool {
  readonly length: number;
  /** Takes the bytes, or as many of them as the disk has room for, and tells how many. */
  append(bytes: Uint8Array): number;
  /** Takes a few bytes even when the disk is full. */
  appendSmall(bytes: Uint8Array): void;
  /** The bytes from `offset` on: `length` of them, or fewer where the spool ends. */
  read(offset: number, length: number): Buffer;
  /** Deletes the file; nothing can be appended to it or read from it any more. */
  remove(): void;
}

/** The file is made with the first byte: most steps are short, and many say nothing. */
export function createSpool(path: string): Spool {
  let file: number | undefined;
  let isRemoved = false;
  let onDisk = 0;
  let inMemory = Buffer.alloc(0);

  return {
    get length() {
      return onDisk + inMemory.length;
    },
    append,
    appendSmall(bytes) {
      const rest = bytes.subarray(append(bytes));
      inMemory = Buffer.concat([inMemory, rest]);
    },
    read(offset, length) {
      if (offset >= onDisk) return inMemory.subarray(offset - onDisk, offset - onDisk + length);
      const bytes = Buffer.allocUnsafeSlow(Math.min(length, onDisk - offset));
      return bytes.subarray(0, file === undefined ? 0 : readSync(file, bytes, 0, bytes.length, offset));
    },
    remove() {
      if (file !== undefined) closeSync(file);
      file = undefined;
      isRemoved = true;
      rmSync(path, { force: true });
    },
  };

  function append(bytes: Uint8Array): number {
    // What stands in memory comes after the file: the file must not grow any more.
    if (inMemory.length > 0 || isRemoved) return 0;
    let written = 0;
    try {
      file ??= openSync(path, 'wx+', 0o600);
      while (written < bytes.length) {
        const count = writeSync(file, bytes, written, bytes.length - written, onDisk);
        written += count;
        onDisk += count;
      }
    } catch {
      // Full, over a quota, or not writable at all: the caller learns it from the number.
    }
    return written;
  }
}
