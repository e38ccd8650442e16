import type { Clock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import { putNodeReport, type Node, type Store } from '#controller/store';

interface Deps {
  store: Store;
  clock: Clock;
  /** The cloud of that name, if it is configured. */
  cloudOf(name: string): Cloud | undefined;
}

/** Keeps the last of what a node printed that is about to go; nothing where its cloud has nothing. Idempotent. */
export type KeepConsole = (node: Node, signal: AbortSignal) => Promise<void>;

/** A cloud that takes longer has nothing to say: the node is not to wait for it. */
const LIMIT_MS = 10_000;
const MAX_LENGTH = 64 * 1024;

export function createConsoleKeeper({ store, clock, cloudOf }: Deps): KeepConsole {
  return async ({ id, resource, cloud }, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    const text = (await cloudOf(cloud)?.console({ id, resource }, limit)) ?? null;
    if (text === null) return;
    // PostgreSQL has no NUL in a text, and a console may well have one.
    const kept = text.slice(-MAX_LENGTH).toWellFormed().replaceAll('\0', '\ufffd');
    await putNodeReport(store.db, { node_id: id, kind: 'console', at: clock.now(), text: kept });
  };
}
