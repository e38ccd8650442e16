import type { Store } from '#controller/store';

/** A store of which it is known when nobody asks it anything any more. */
export interface WatchedStore extends Store {
  /** Resolves when all that follows from what has happened so far has happened. */
  still(): Promise<void>;
}

/** Turns of the event loop without a new statement after which none is to come: the store gives way to others once in a while. */
const QUIET_TURNS = 2;

export function watchStore(store: Store): WatchedStore {
  let statements = 0;
  const watching = {
    transformQuery<T>({ node }: { node: T }): T {
      statements += 1;
      return node;
    },
    transformResult: async <T>({ result }: { result: T }): Promise<T> => result,
  };

  return {
    ...store,
    db: store.db.withPlugin(watching),
    transaction: (work) => store.transaction((db) => work(db.withPlugin(watching))),
    async still() {
      for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
        const before = statements;
        await nextTurn();
        if (statements !== before) quiet = -1;
      }
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
