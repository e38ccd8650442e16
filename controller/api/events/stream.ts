import type { Clock } from '#controller/clock';
import type { Journal } from '#controller/events';
import { eventsAfter, type Event, type Store } from '#controller/store';

/** A heartbeat keeps proxies from closing the connection, and tells the client that it still stands. */
const HEARTBEAT_MS = 15_000;

/** Rows read at a time: what a slow reader costs. */
const PAGE = 100;

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
}

interface From {
  /** Events with a greater `seq`. */
  seq: number;
  buildId?: string | undefined;
}

/**
 * All events after `from`, in order and without gaps, for as long as the reader stays. They are read from the store at the reader's pace;
 * the journal only says when to look again, so that nothing is queued for anybody. An empty page stands for a heartbeat.
 */
export async function* streamEvents(
  deps: Deps,
  from: From,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[]> {
  const { store, journal, clock } = deps;
  const { buildId } = from;
  let seq = from.seq;
  let news = Promise.withResolvers<'changed' | 'heartbeat'>();
  const look = (): void => news.resolve('changed');
  const unsubscribe = journal.subscribe(look);
  signal.addEventListener('abort', look, { once: true });
  try {
    while (!signal.aborted) {
      news = Promise.withResolvers();
      const page = await eventsAfter(store.db, seq, { limit: PAGE, buildId });
      seq = page.at(-1)?.seq ?? seq;
      if (page.length > 0) yield page;
      // A page that is not full was the last one: whatever came since has said so.
      if (page.length < PAGE && (await next()) === 'heartbeat') yield [];
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', look);
  }

  async function next(): Promise<'changed' | 'heartbeat'> {
    const callOff = clock.after(HEARTBEAT_MS, () => news.resolve('heartbeat'));
    try {
      return await news.promise;
    } finally {
      callOff();
    }
  }
}
