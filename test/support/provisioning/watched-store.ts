import type { Store } from '#controller/store';

/** A store of which it is known when nobody asks it anything any more. */
export interface WatchedStore extends Store {
  /** Resolves when all that follows from what has happened so far has happened. */
  still(): Promise<void>;
}

/**
 * Turns of the event loop without a new question after which all are answered: a statement waits for its turn for as many turns of the loop
 * as there are others before it, and there are never so many at once.
 */
const QUIET_TURNS = 25;

export function watchStore(store: Store): WatchedStore {
  let asked = 0;
  let underWay = 0;
  const watching = {
    transformQuery<T>({ node }: { node: T }): T {
      asked += 1;
      return node;
    },
    transformResult: async <T>({ result }: { result: T }): Promise<T> => result,
  };

  return {
    ...store,
    db: store.db.withPlugin(watching),
    async transaction(work) {
      underWay += 1;
      try {
        return await store.transaction(work);
      } finally {
        underWay -= 1;
        asked += 1;
      }
    },
    async still() {
      for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
        const before = asked;
        await nextTurn();
        if (asked !== before || underWay > 0) quiet = -1;
      }
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
