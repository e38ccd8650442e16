import type { Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import { liveNodes, type Node, type NodeState, type Store } from '#controller/store';
import { retireUnleased } from './life-cycle.ts';
import type { Reaper } from './reaper.ts';

interface Deps {
  store: Store;
  journal: Journal;
  logger: Logger;
  reaper: Pick<Reaper, 'flush'>;
}

/** Failed removals after which a node is left to the next start: its cloud is away, and may be for long. */
const PATIENCE = 3;

/** Those that a job has, or whose files it left are not stored yet, and those that people have. */
const SERVING: ReadonlySet<NodeState> = new Set(['leased', 'uploading', 'held']);

interface Options {
  /** What serves a job is waited for; else it stays as it is. */
  isBusyAwaited: boolean;
  signal: AbortSignal;
}

/**
 * Retires all nodes that serve no job and resolves when none is left. Held ones stay: somebody wants them, and that may take days. Nothing
 * may place or launch nodes meanwhile; the reaper must run.
 */
export async function drainNodes(
  { store, journal, logger, reaper }: Deps,
  { isBusyAwaited, signal }: Options,
): Promise<void> {
  const done = Promise.withResolvers<void>();
  const abort = (): void => done.reject(signal.reason);
  const unsubscribe = journal.subscribe((changes) => {
    if (changes.some(({ kind }) => kind === 'node')) look().catch(done.reject);
  });
  signal.addEventListener('abort', abort, { once: true });
  try {
    await journal.commit(async (tx) => {
      for (const { id, state } of await liveNodes(tx.db)) {
        if (!SERVING.has(state)) await retireUnleased(tx, id, 'the controller drains');
      }
    });
    await look();
    await done.promise;
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', abort);
  }

  async function look(): Promise<void> {
    const nodes = (await liveNodes(store.db)).filter(
      ({ state }) => state !== 'held' && (isBusyAwaited || !SERVING.has(state)),
    );
    if (!nodes.every(isGivenUp)) {
      // Nothing is to be deferred any more, what comes now included.
      if (nodes.some(({ state }) => state === 'deleting')) await reaper.flush(signal);
      return;
    }
    for (const { id, cloud } of nodes) {
      logger.warn({ node: id, cloud }, 'a node could not be removed; the next start tries again');
    }
    done.resolve();
  }
}

function isGivenUp({ state, removal_failures: failures }: Node): boolean {
  return state === 'deleting' && failures >= PATIENCE;
}
