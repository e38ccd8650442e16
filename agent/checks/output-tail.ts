import { MAX_CHECK_OUTPUT } from '#shared/protocol';

/** The last of what a program prints, in a memory that does not grow with it. */
export interface OutputTail {
  write(bytes: Buffer): void;
  /** As UTF-8; a character that was cut in two at the beginning is left out. */
  text(): string;
}

export function createOutputTail(limit = MAX_CHECK_OUTPUT): OutputTail {
  let kept: Buffer[] = [];
  let length = 0;
  let isCut = false;

  return {
    write(bytes) {
      kept.push(bytes);
      length += bytes.length;
      // Put together now and then only: a program may print one byte at a time.
      if (length > 2 * limit || kept.length > 1024) compact();
    },
    text() {
      compact();
      const [bytes = Buffer.alloc(0)] = kept;
      return bytes.toString('utf8', isCut ? firstCharacter(bytes) : 0);
    },
  };

  function compact(): void {
    const all = Buffer.concat(kept, length);
    const last = all.subarray(Math.max(0, all.length - limit));
    isCut ||= last.length < all.length;
    // A copy: the piece that it is cut from may be large.
    kept = [Buffer.from(last)];
    length = last.length;
  }
}

/** Where the first whole character begins: a continuation byte is `10xxxxxx`, and a character has at most three of them. */
function firstCharacter(bytes: Buffer): number {
  let start = 0;
  while (start < 3 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return start;
}
