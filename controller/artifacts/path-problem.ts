import { leadsInside } from '#shared/protocol';

/** Names that Windows gives to devices, in any folder and with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
/** Control characters; what turns the direction of text, has no width, or ends lines; half of a pair. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
/** Characters that look like `/` or `\`. */
const SLASHES = /[\u2044\u2215\u2216\u29f5\u29f8\u29f9\ufe68\uff0f\uff3c]/u;

/**
 * Why no artifact may have a file of this path, as the end of a sentence; undefined where it may. What the protocol takes stays inside its
 * folder on Linux; this keeps it inside wherever somebody downloads it, and what people read the same as what it is.
 *
 * Names that differ in case alone, or in how wide their letters are, are two names: builds on Linux have both `README` and `readme`.
 */
export function pathProblem(path: string): string | undefined {
  if (UNSEEN.test(path)) return 'has characters that nobody sees';
  if (SLASHES.test(path)) return 'has a character that looks like a slash';
  if (/^[A-Za-z]:/.test(path)) return 'begins like a drive of Windows';
  for (const part of path.split('/')) {
    if (isDots(part.normalize('NFKC'))) return 'leads out, or looks as if it did';
    if (part.endsWith('.') || part.endsWith(' '))
      return 'has a name that ends with a dot or a space, which Windows drops';
    if (DEVICE.test(part)) return 'has the name of a device of Windows';
  }
  return undefined;
}

/** Why a symbolic link may not lead there, likewise. */
export function linkProblem(path: string, target: string): string | undefined {
  if (UNSEEN.test(target)) return 'leads to a name with characters that nobody sees';
  return leadsInside(path, target) ? undefined : 'is a link that leads out';
}

/** Two paths that can't both be there, as a sentence; undefined where there are none. */
export function clashOf(paths: readonly string[]): string | undefined {
  const known = new Map<string, string>();
  for (const path of paths) {
    const same = known.get(path.normalize('NFC'));
    if (same !== undefined) return `${quoted(same)} and ${quoted(path)} are one name in two spellings`;
    known.set(path.normalize('NFC'), path);
  }
  for (const path of paths) {
    const parts = path.normalize('NFC').split('/');
    for (let length = 1; length < parts.length; length += 1) {
      const above = known.get(parts.slice(0, length).join('/'));
      if (above !== undefined) return `${quoted(above)} is a file, and the folder of ${quoted(path)}`;
    }
  }
  return undefined;
}

/** A name that a stranger gave, so that a reader sees what it is. */
export function quoted(path: string): string {
  return JSON.stringify(path).replaceAll(
    /[^\x20-\x7e]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function isDots(part: string): boolean {
  return part === '.' || part === '..';
}
