import { inBands, type Entry } from './bands.ts';
import { createHeap, type Heap } from './heap.ts';
import type { ProjectUsage, Waiting } from './waiting.ts';

/** Who is next, for a caller that finds out only then whether there is a node. */
export interface Turns<T> {
  /** Whose turn it is; undefined when all have had theirs. */
  next(): T | undefined;
  /** Whose turn it is got a node: its project's next ones come after those of projects that have less for their share. */
  served(): void;
  /** Nodes by project as they are by now, those of `served` included. */
  readonly usage: ProjectUsage;
}

/** Those of a project in one band, the one with the smallest rank last: it is taken from there. */
interface Line<T> {
  project: string | null;
  share: number;
  /** Never empty while the line is in the heap. */
  entries: Entry<T>[];
  head: Entry<T>;
}

/**
 * The queue, one at a time: by band, then by which project has the fewest nodes for its share, then by rank. Whoever gets no node leaves no
 * mark, so a project whose jobs nobody can serve loses nothing with its others (I8). O(n log n) for all.
 */
export function createTurns<T extends Waiting>(
  waiting: readonly T[],
  usage: ProjectUsage,
  now: number,
): Turns<T> {
  const used = new Map(usage);
  const bands = inBands(waiting, now).values();
  let lines: Heap<Line<T>> | undefined;
  /** Out of the heap while it has its turn, for its place may change. */
  let current: Line<T> | undefined;

  return {
    next() {
      if (current !== undefined) goOn(current);
      current = nextLine();
      return current?.head.waiting;
    },
    served() {
      if (current !== undefined) used.set(current.project, nodesOf(current.project) + 1);
    },
    usage: used,
  };

  function nextLine(): Line<T> | undefined {
    for (;;) {
      const line = lines?.pop();
      if (line !== undefined) return line;
      const band = bands.next();
      if (band.done === true) return undefined;
      lines = createHeap(compareLines, linesOf(band.value));
    }
  }

  /** The line's next one waits for its turn. */
  function goOn(line: Line<T>): void {
    const head = line.entries.pop();
    if (head !== undefined) lines?.push({ ...line, head });
  }

  function compareLines(a: Line<T>, b: Line<T>): number {
    // Nodes for the share, without the error of a division.
    return (
      nodesOf(a.project) * b.share - nodesOf(b.project) * a.share ||
      a.head.waiting.rank - b.head.waiting.rank ||
      a.head.place - b.head.place
    );
  }

  function nodesOf(project: string | null): number {
    return used.get(project) ?? 0;
  }
}

function linesOf<T extends Waiting>(entries: readonly Entry<T>[]): Line<T>[] {
  const byProject = Map.groupBy(entries, ({ waiting }) => waiting.project?.id ?? null);
  return [...byProject].flatMap(([project, members]) => {
    const sorted = members.toSorted((a, b) => b.waiting.rank - a.waiting.rank || b.place - a.place);
    const head = sorted.pop();
    if (head === undefined) return [];
    return [{ project, share: head.waiting.project?.share ?? 1, entries: sorted, head }];
  });
}
