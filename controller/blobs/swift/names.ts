/**
 * Where things are in the container. No key has a `~`, which also sorts behind all that keys have: one listing up to it shows objects alone.
 *
 * - `KEY`: an object, or the manifest of a static large object
 * - `~uploads/KEY/~ID`: an empty object for each upload that is under way, and for parts that nobody needs any more
 * - `~parts/ID/00001`: the parts of an upload, and of the object that it became
 */
export interface Names {
  object(key: string): string;
  upload(key: string, id: string): string;
  /** What the names of uploads start with, for keys with this prefix. */
  uploads(prefix: string): string;
  parts(id: string): string;
  part(id: string, part: number): string;
  /** Behind all objects. */
  end: string;
  keyOf(name: string): string;
  /** Undefined for what is no upload. */
  uploadOf(name: string): { key: string; id: string } | undefined;
}

const PART_DIGITS = 5;

export function createNames(prefix: string): Names {
  const uploads = `${prefix}~uploads/`;
  const parts = (id: string) => `${prefix}~parts/${id}/`;
  return {
    object: (key) => prefix + key,
    upload: (key, id) => `${uploads}${key}/~${id}`,
    uploads: (keyPrefix) => uploads + keyPrefix,
    parts,
    part: (id, part) => parts(id) + String(part).padStart(PART_DIGITS, '0'),
    end: `${prefix}~`,
    keyOf: (name) => name.slice(prefix.length),
    uploadOf(name) {
      const [key, id] = name.slice(uploads.length).split('/~');
      return key === undefined || id === undefined ? undefined : { key, id };
    },
  };
}
