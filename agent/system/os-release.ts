import { readText } from './read-text.ts';

/** What os-release(5) tells of a system; null where it does not. */
export interface OsRelease {
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  name: string | null;
  /** `debian` */
  id: string | null;
  /** `12`; systems without releases have none. */
  version: string | null;
}

const MAX_NAME = 256;
/** What the protocol takes for a word; anything else a broken file may say is not worth losing the node for. */
const WORD = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** `root` is where /etc and /usr are. */
export function readOsRelease(root = '/'): OsRelease {
  const text = readText(root, 'etc/os-release') || readText(root, 'usr/lib/os-release');
  return {
    name: valueOf(text, 'PRETTY_NAME').slice(0, MAX_NAME) || null,
    id: wordOf(text, 'ID'),
    version: wordOf(text, 'VERSION_ID'),
  };
}

function wordOf(text: string, key: string): string | null {
  const value = valueOf(text, key);
  return WORD.test(value) ? value : null;
}

function valueOf(text: string, key: string): string {
  const line = new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  return /^(["'])(.*)\1$/.exec(line)?.[2] ?? line;
}
