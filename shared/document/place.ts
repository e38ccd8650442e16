import type { Scalar } from 'yaml';

export type Path = readonly (string | number)[];

/** A value of the document together with where it is written. Offsets are UTF-16 code units in the source. */
export interface Place {
  value: unknown;
  start: number;
  end: number;
  /** Where the key is written that holds this value; none for the root and for list items. */
  key?: { start: number; end: number };
  /** The values inside, by key or by index. */
  children: ReadonlyMap<string | number, Place>;
  /** Something stands here that can't be read, and that is reported: the value is only a stand-in. */
  unread?: true;
  /** One value as it is written, without quotes; none for mappings and lists. */
  text?: string;
  /** The YAML node of one value; none when an alias stands here. */
  scalar?: Scalar;
}

/** What is found on the way to a path: the place itself, or the nearest one that holds it. */
export interface Found {
  place: Place;
  /** Keys and indexes of the path that are there. */
  depth: number;
}

export function findPlace(root: Place, path: Path): Found {
  let place = root;
  let depth = 0;
  for (const step of path) {
    const child = place.children.get(step);
    if (child === undefined) break;
    place = child;
    depth += 1;
  }
  return { place, depth };
}

/** Where a reader looks for the whole value: at its key; a list item at its beginning. */
export function headOf(place: Place): number {
  return place.key?.start ?? place.start;
}
