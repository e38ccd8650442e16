import type { Store } from '#controller/store';

/** The store as one life of a controller sees it. */
export interface MortalStore extends Store {
  isAlive(): boolean;
  die(): void;
}

/** From its death on a controller commits nothing and hears no answer; that comes by itself after so many commits. */
export function createMortalStore(store: Store, commits: number, onDeath: () => void): MortalStore {
  let left = commits;
  let alive = true;

  return {
    ...store,
    isAlive: () => alive,
    die,
    async transaction(work) {
      if (!alive) return never();
      const value = await store
        .transaction((db) => {
          if (!alive) throw new Dead();
          return work(db);
        })
        .catch((error: unknown) => (error instanceof Dead ? never<never>() : Promise.reject(error)));
      left -= 1;
      if (left <= 0) die();
      return alive ? value : never();
    },
  };

  function die(): void {
    if (!alive) return;
    alive = false;
    onDeath();
  }
}

class Dead extends Error {}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
