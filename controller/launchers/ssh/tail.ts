/** The end of what a stream says. */
export interface Tail {
  add(bytes: Buffer): void;
  text(): string;
}

/** Keeps the last `mostBytes`; a character that the cut went through is dropped. */
export function createTail(mostBytes: number): Tail {
  let kept = Buffer.alloc(0);
  let isCut = false;

  return {
    add(bytes) {
      const all = Buffer.concat([kept, bytes]);
      isCut ||= all.length > mostBytes;
      kept = all.subarray(-mostBytes);
    },
    text() {
      return kept.toString('utf8', isCut ? firstCharacter(kept) : 0);
    },
  };
}

/** Continuation bytes of UTF-8 are 10xxxxxx. */
function firstCharacter(bytes: Buffer): number {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return start;
}
