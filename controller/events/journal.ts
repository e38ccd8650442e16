import type { Clock } from '#controller/clock';
import { appendEvents, type Db, type NewEvent, type Store } from '#controller/store';
import type { Change } from './change.ts';

/** One unit of work on the store: what it changes and the events that say so are committed together or not at all. */
export interface Tx {
  readonly db: Db;
  /** The time of everything in this transaction, in milliseconds since the epoch. */
  readonly at: number;
  record(change: Change): Promise<void>;
}

export interface Journal {
  /** Runs the work in one transaction; listeners hear of its changes after the commit, in order. */
  commit<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Calls back with the changes of each commit. The listener must not throw and not wait. Returns the way out. */
  subscribe(listener: (changes: readonly Change[]) => void): () => void;
}

interface Deps {
  store: Store;
  clock: Clock;
}

export function createJournal({ store, clock }: Deps): Journal {
  const listeners = new Set<(changes: readonly Change[]) => void>();

  return {
    async commit(work) {
      let changes: Change[] = [];
      const value = await store.transaction(async (db) => {
        changes = []; // The store may run the work again after a serialisation failure.
        const at = clock.now();
        const done = await work({ db, at, record: async (change) => void changes.push(change) });
        // Last of all: on PostgreSQL the lock that this takes keeps every other controller from committing (see `appendEvents`).
        await appendEvents(
          db,
          changes.map((change) => toEvent(change, at)),
        );
        return done;
      });
      if (changes.length > 0) for (const listener of listeners) tell(listener, changes);
      return value;
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function toEvent(change: Change, at: number): NewEvent {
  const { kind, buildId = null, jobId = null, nodeId = null, data } = change;
  return { at, kind, build_id: buildId, job_id: jobId, node_id: nodeId, data };
}

/** What is committed is committed: a listener's mistake is neither the writer's nor the other listeners'. */
function tell(listener: (changes: readonly Change[]) => void, changes: readonly Change[]): void {
  try {
    listener(changes);
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
