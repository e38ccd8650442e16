import type { Change } from '#controller/events';

/** Told of everything that one unit of work changed, as the loops of a controller are. */
export type Listener = (changes: readonly Change[]) => void;

export interface WorldJournal {
  /** Does the work at once; listeners hear of its changes afterwards. */
  commit<T>(work: () => T): T;
  /** Only within a unit of work. */
  record(change: Change): void;
  /** Returns the way out. */
  subscribe(listener: Listener): () => void;
}

export function createWorldJournal(): WorldJournal {
  const listeners = new Set<Listener>();
  let changes: Change[] | undefined;

  return {
    commit(work) {
      if (changes !== undefined) return work();
      changes = [];
      const value = work();
      const done = changes;
      changes = undefined;
      if (done.length > 0) for (const listener of listeners) listener(done);
      return value;
    },
    record(change) {
      if (changes === undefined) throw new Error('a change outside of a unit of work');
      changes.push(change);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
