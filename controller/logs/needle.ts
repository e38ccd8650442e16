/** A text to look for in bytes. */
export interface Needle {
  /** Bytes. */
  length: number;
  /** Where it is in the bytes, which must not change meanwhile. */
  places(bytes: Buffer): Places;
}

interface Places {
  /** The first place at or after `from`; -1 where there is none. */
  after(from: number): number;
}

/** With `ignoreCase`, A to Z are as good as a to z: other letters' cases are of several bytes, and a log may be of any encoding. */
export function createNeedle(text: string, ignoreCase: boolean): Needle {
  const needle = ignoreCase ? folded(Buffer.from(text)) : Buffer.from(text);
  return {
    length: needle.length,
    places(bytes) {
      const haystack = ignoreCase ? folded(bytes) : bytes;
      return { after: (from) => haystack.indexOf(needle, from) };
    },
  };
}

const [A, Z, TO_LOWER] = [0x41, 0x5a, 0x20];

function folded(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = 0; i < copy.length; i++) {
    const byte = copy[i] ?? 0;
    if (byte >= A && byte <= Z) copy[i] = byte | TO_LOWER;
  }
  return copy;
}
