import { newKey, type Key } from './key.ts';
import { changeKeys, readKeys } from './key-file.ts';

/**
 * The keys that seal secrets, in a file beside the store: who has only one of the two can read nothing. Several controllers may share the
 * file. Which key is the current one is said by the store, where all of them look when they seal; the file's first key is that one, but
 * for the moment of a rotation.
 */
export interface Keyring {
  readonly file: string;
  /** The newest key; makes the file with one where there is none. */
  newest(): Key;
  /** The key of that id. One that is not known here may have come since: then the file is read once more. */
  find(id: string): Key | undefined;
  /** A new key, in front of the others. It is on the disk when this returns. */
  add(): Key;
  /** Forgets the keys that are older than this one, except those named in `needed`. Newer ones are somebody else's business. */
  forgetBefore(id: string, needed: readonly string[]): void;
}

/** Nothing is read before a key is asked for. */
export function createKeyring(file: string): Keyring {
  let known: readonly Key[] = [];

  return {
    file,
    newest() {
      known = readKeys(file) ?? changeKeys(file, (keys) => (keys.length > 0 ? keys : [newKey()]));
      return first();
    },
    find(id) {
      const key = lookUp(id);
      if (key !== undefined) return key;
      known = readKeys(file) ?? [];
      return lookUp(id);
    },
    add() {
      known = changeKeys(file, (keys) => [newKey(), ...keys]);
      return first();
    },
    forgetBefore(id, needed) {
      known = changeKeys(file, (keys) => {
        const at = keys.findIndex((key) => key.id === id);
        return keys.filter((key, index) => index <= at || needed.includes(key.id));
      });
    },
  };

  function first(): Key {
    const [key] = known;
    if (key === undefined) throw new Error('a key file always has a key');
    return key;
  }

  function lookUp(id: string): Key | undefined {
    return known.find((key) => key.id === id);
  }
}
