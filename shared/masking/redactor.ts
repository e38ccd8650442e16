import { formsOf } from './encodings.ts';
import { createNeedles } from './needles.ts';

/**
 * Masks secrets in a stream. What comes out does not depend on how the stream was cut into pieces. Bytes that may be the beginning of
 * a secret stay inside until the next ones tell, however long that takes: sent too early, they could not be taken back.
 */
export interface Redactor {
  /** Takes the next bytes, and gives those that are safe to show; without secrets, and mostly with them too, they are not copied. */
  push(bytes: Buffer): Buffer;
  /** The stream ends: what was held back is no secret. */
  flush(): Buffer;
}

const MASK = Buffer.from('***');
const EMPTY = Buffer.alloc(0);

export function createRedactor(secrets: readonly string[]): Redactor {
  const forms = formsOf(secrets);
  if (forms.length === 0) return { push: (bytes) => bytes, flush: () => EMPTY };
  const needles = createNeedles(forms);
  let held: Buffer = EMPTY;
  // So many of the held bytes belong to a secret that was masked already.
  let covered = 0;

  return {
    push(bytes) {
      const data = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      return release(data, needles.openEnd(data));
    },
    flush: () => release(held, held.length),
  };

  /** Shows the bytes before `open`, where every needle is decided, and holds the others back. */
  function release(data: Buffer, open: number): Buffer {
    const shown: Buffer[] = [];
    let maskedTo = covered;
    let shownTo = covered;
    for (let found = needles.find(data, 0); found !== undefined && found.start < open;) {
      // Secrets that overlap are masked as one: the rest of either would tell of it.
      if (found.start >= maskedTo) {
        shown.push(data.subarray(shownTo, found.start), MASK);
      }
      maskedTo = Math.max(maskedTo, found.end);
      shownTo = maskedTo;
      found = needles.find(data, found.start + 1);
    }
    if (shownTo < open) shown.push(data.subarray(shownTo, open));
    // A copy: the piece that it was read in is large, and may be held for long.
    held = open === data.length ? EMPTY : Buffer.from(data.subarray(open));
    covered = Math.max(0, maskedTo - open);
    return shown.length === 1 ? (shown[0] ?? EMPTY) : Buffer.concat(shown);
  }
}
