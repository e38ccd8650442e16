/** What comes first is had in logarithmic time. The order of what is in it must not change meanwhile. */
export interface Heap<T> {
  push(item: T): void;
  /** Takes out what comes before all others; undefined when nothing is left. */
  pop(): T | undefined;
}

/** A binary heap. `compare` is negative where `a` comes first, as for `Array.sort`. */
export function createHeap<T>(compare: (a: T, b: T) => number, initial: readonly T[] = []): Heap<T> {
  // Sorted is a heap already.
  const items = initial.toSorted(compare);

  return {
    push(item) {
      let hole = items.push(item) - 1;
      while (hole > 0) {
        const above = (hole - 1) >> 1;
        const parent = items[above];
        if (parent === undefined || compare(item, parent) >= 0) break;
        items[hole] = parent;
        hole = above;
      }
      items[hole] = item;
    },

    pop() {
      const first = items[0];
      const last = items.pop();
      if (last !== undefined && items.length > 0) sink(last);
      return first;
    },
  };

  /** Puts the item at the top, and lets it down to where it belongs. */
  function sink(item: T): void {
    let hole = 0;
    for (;;) {
      const left = items[2 * hole + 1];
      const right = items[2 * hole + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && compare(right, left) < 0;
      const child = isRight ? right : left;
      if (compare(item, child) <= 0) break;
      items[hole] = child;
      hole = 2 * hole + (isRight ? 2 : 1);
    }
    items[hole] = item;
  }
}
