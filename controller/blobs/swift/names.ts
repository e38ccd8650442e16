/**
 * Where things are in the container. No key has a `~`, which also sorts behind all that keys have: one listing up to it shows objects alone.
 *
 * - `KEY`: an object, or the manifest of a static large object
 * - `~uploads/KEY/~ID`: an empty object for each upload that is under way, and for parts that nobody needs any more
 * - `~parts/KEY/~ID/00001`: the parts of an upload, and of the object that it became
 */
export interface Names {
  object(key: string): string;
  upload(key: string, id: string): string;
  /** What the names of uploads start with, for keys with this prefix. */
  uploads(keyPrefix: string): string;
  part(upload: UploadName, part: number): string;
  parts(upload: UploadName): string;
  /** What the names of all parts start with, for keys with this prefix. */
  allParts(keyPrefix: string): string;
  /** Behind all objects. */
  end: string;
  keyOf(name: string): string;
  /** The upload whose marker or part it is; undefined for what is neither. */
  uploadOf(name: string): UploadName | undefined;
}

export interface UploadName {
  key: string;
  id: string;
}

const PART_DIGITS = 5;

export function createNames(prefix: string): Names {
  const uploads = (keyPrefix: string) => `${prefix}~uploads/${keyPrefix}`;
  const allParts = (keyPrefix: string) => `${prefix}~parts/${keyPrefix}`;
  const parts = ({ key, id }: UploadName) => `${allParts(key)}/~${id}/`;
  return {
    object: (key) => prefix + key,
    upload: (key, id) => `${uploads(key)}/~${id}`,
    uploads,
    part: (upload, part) => parts(upload) + String(part).padStart(PART_DIGITS, '0'),
    parts,
    allParts,
    end: `${prefix}~`,
    keyOf: (name) => name.slice(prefix.length),
    uploadOf(name) {
      const [, key, id] = /^~(?:uploads|parts)\/(.+)\/~([^/]+)/.exec(name.slice(prefix.length)) ?? [];
      return key === undefined || id === undefined ? undefined : { key, id };
    },
  };
}
