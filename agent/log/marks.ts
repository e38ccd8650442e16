/** When the bytes of a log were read, kept sparsely. */
export interface Marks {
  /** The bytes from `offset` on were read at `time`. Offsets must not fall. */
  add(offset: number, time: number): void;
  /** When the byte at `offset` was read, and where the bytes of another time begin. */
  at(offset: number): { time: number; end: number };
}

interface Mark {
  offset: number;
  time: number;
}

/** Enough for every millisecond of a step that prints now and then; a chatty one gets coarser times, and never takes more memory. */
const MAX_MARKS = 4096;

export function createMarks(limit: number = MAX_MARKS): Marks {
  let marks: Mark[] = [];
  // Times closer together than this share a mark.
  let resolutionMs = 1;

  return {
    add(offset, time) {
      const last = marks.at(-1);
      if (last !== undefined && Math.abs(time - last.time) < resolutionMs) return;
      marks.push({ offset, time });
      if (marks.length > limit) thin();
    },
    at(offset) {
      const next = firstAfter(offset);
      return { time: marks[next - 1]?.time ?? 0, end: marks[next]?.offset ?? Infinity };
    },
  };

  function thin(): void {
    marks = marks.filter((_, index) => index % 2 === 0);
    resolutionMs *= 2;
  }

  /** Index of the first mark beyond the offset: a binary search. */
  function firstAfter(offset: number): number {
    let low = 0;
    let high = marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((marks[middle]?.offset ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
