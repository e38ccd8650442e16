/**
 * Several byte strings, searched for at once. The search looks at two bytes and skips as far as no needle can begin, which is nearly the
 * length of the shortest one (Wu and Manber, "A Fast Algorithm for Multi-Pattern Searching", 1994).
 */
export interface Needles {
  /**
   * Position of the first needle that begins in `data` at `from` or later, and the end of the longest one that begins there; undefined if
   * none is whole within `data`.
   */
  find(data: Uint8Array, from: number): { start: number; end: number } | undefined;
  /** The first position at which `data` may hold the beginning of a needle that goes on beyond it; its length if there is none. */
  openEnd(data: Uint8Array): number;
}

const BLOCK_BYTES = 2;
const BLOCKS = 65_536;

/** All needles must have at least two bytes, and there must be one. */
export function createNeedles(needles: readonly Uint8Array[]): Needles {
  const shortest = Math.min(...needles.map(({ length }) => length));
  const longest = Math.max(...needles.map(({ length }) => length));
  const { shifts, candidates } = index(needles, shortest);
  const byBeginning = groupByBeginning(needles);
  const firstBytes = new Set(needles.map(([first]) => first));

  return {
    find(data, from) {
      let end = from + shortest;
      while (end <= data.length) {
        const block = blockAt(data, end - BLOCK_BYTES);
        const shift = shifts[block] ?? 0;
        if (shift > 0) {
          end += shift;
          continue;
        }
        const start = end - shortest;
        const length = longestAt(data, start, candidates.get(block) ?? []);
        if (length > 0) return { start, end: start + length };
        end++;
      }
      return undefined;
    },
    openEnd(data) {
      const last = data.length - 1;
      for (let start = Math.max(0, data.length - longest + 1); start < last; start++) {
        const open = byBeginning.get(blockAt(data, start));
        if (open?.some((needle) => isOpenAt(data, start, needle))) return start;
      }
      return last >= 0 && firstBytes.has(data[last]) ? last : data.length;
    },
  };
}

/** For each block: how far the window may move when it ends in it, and which needles it may be the end of the first part of. */
function index(needles: readonly Uint8Array[], shortest: number) {
  const shifts = new Uint16Array(BLOCKS).fill(Math.min(shortest - BLOCK_BYTES + 1, 0xffff));
  const candidates = new Map<number, Uint8Array[]>();
  for (const needle of needles) {
    for (let end = BLOCK_BYTES; end <= shortest; end++) {
      const block = blockAt(needle, end - BLOCK_BYTES);
      shifts[block] = Math.min(shifts[block] ?? 0, shortest - end);
      if (end === shortest) candidates.set(block, [...(candidates.get(block) ?? []), needle]);
    }
  }
  return { shifts, candidates };
}

function groupByBeginning(needles: readonly Uint8Array[]): Map<number, Uint8Array[]> {
  return Map.groupBy(needles, (needle) => blockAt(needle, 0));
}

function blockAt(data: Uint8Array, start: number): number {
  return ((data[start] ?? 0) << 8) | (data[start + 1] ?? 0);
}

function longestAt(data: Uint8Array, start: number, needles: readonly Uint8Array[]): number {
  let longest = 0;
  for (const needle of needles) {
    if (needle.length > longest && isAt(data, start, needle, needle.length)) longest = needle.length;
  }
  return longest;
}

/** The data ends within the needle. */
function isOpenAt(data: Uint8Array, start: number, needle: Uint8Array): boolean {
  const length = data.length - start;
  return length < needle.length && isAt(data, start, needle, length);
}

function isAt(data: Uint8Array, start: number, needle: Uint8Array, length: number): boolean {
  if (start + length > data.length) return false;
  for (let position = 0; position < length; position++) {
    if (data[start + position] !== needle[position]) return false;
  }
  return true;
}
