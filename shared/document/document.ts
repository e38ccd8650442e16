import { findPlace, headOf, type Path, type Place } from './place.ts';
import type { Position } from './problem.ts';
import { scalarOffset } from './scalar-offset.ts';

/** Which part of a value is meant. */
export interface Where {
  /** The key instead of the value. */
  at?: 'key' | 'value';
  /** The character at this index of the value's text, in UTF-16 code units. */
  index?: number;
}

/** A document that was read, with the position of everything in it. */
export interface Document {
  file: string;
  /** Plain objects, lists and values, not yet checked against a schema. Objects keep the order of their keys. */
  value: unknown;
  /** Position of the value at the path; if there is none, of the nearest value that would hold it. */
  positionOf(path: Path, where?: Where): Position;
  /** The value at the path as it is written: `1.10` and not 1.1. None for a mapping, a list, or nothing. */
  textOf(path: Path): string | undefined;
}

interface Source {
  file: string;
  source: string;
  root: Place;
  positionAt: (offset: number) => Position;
}

export function createDocument({ file, source, root, positionAt }: Source): Document {
  return {
    file,
    value: root.value,
    positionOf: (path, where) => positionAt(offsetOf(source, root, path, where)),
    textOf(path) {
      const { place, depth } = findPlace(root, path);
      return depth === path.length ? place.text : undefined;
    },
  };
}

/** Offset in the source of what is meant, for `positionOf` and for problems alike. */
export function offsetOf(source: string, root: Place, path: Path, { at, index }: Where = {}): number {
  const { place, depth } = findPlace(root, path);
  if (depth < path.length || at === 'key' || place.start === place.end) return headOf(place);
  if (index === undefined || place.scalar === undefined) return place.start;
  return scalarOffset(source, place.scalar, index);
}
