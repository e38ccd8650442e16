import { openStore, type Store, type StoreSettings } from '#controller/store';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Backend, BackendKind } from './backend.ts';

/** What a test has: a database of its own, and stores on it that are closed for it. */
export interface Context {
  readonly settings: StoreSettings;
  readonly store: Store;
  /** Another store on the same database, as another controller would have. */
  open(settings?: StoreSettings): Promise<Store>;
  emptyDatabase(): Promise<StoreSettings>;
}

interface Current {
  settings: StoreSettings;
  store: Store;
}

/** Registers the hooks of a suite; the context's values are those of the test that runs. */
export function useBackend(kind: BackendKind): Context {
  let backend: Backend | undefined;
  let current: Current | undefined;
  const opened = new Set<Store>();

  async function open(settings: StoreSettings): Promise<Store> {
    const store = await openStore(settings);
    opened.add(store);
    return store;
  }

  beforeAll(async () => {
    backend = await kind.start();
  });
  beforeEach(async () => {
    const settings = await theBackend().database();
    current = { settings, store: await open(settings) };
  });
  afterEach(async () => {
    const closing = [...opened];
    opened.clear();
    await Promise.all(closing.map((store) => store.close()));
  });
  afterAll(() => backend?.stop());

  function theBackend(): Backend {
    if (backend === undefined) throw new Error('the backend has not started');
    return backend;
  }
  function theCurrent(): Current {
    if (current === undefined) throw new Error('no test runs');
    return current;
  }

  return {
    get settings() {
      return theCurrent().settings;
    },
    get store() {
      return theCurrent().store;
    },
    open: (settings = theCurrent().settings) => open(settings),
    emptyDatabase: () => theBackend().emptyDatabase(),
  };
}
