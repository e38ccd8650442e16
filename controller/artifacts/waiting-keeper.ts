import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import type { Change, Journal, Tx } from '#controller/events';
import type { Logger } from '#controller/logger';
import { retireUploaded } from '#controller/nodes';
import {
  deleteUpload,
  endedUploads,
  nodesInStates,
  waitingArtifacts,
  waitingOnNode,
  type NodeState,
  type Store,
  type WaitingArtifact,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { moveArtifact } from './life-cycle.ts';

export interface WaitingKeeper {
  /** Ends what has waited long enough, lets nodes go whose files are stored, and gives up uploads that nobody wants. Returns when to look again. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  blobs: Pick<Blobs, 'uploads'>;
}

/** Uploads of what is no artifact, such as caches, end with their step: no step takes longer. */
const FORGOTTEN_MS = 48 * 60 * 60_000;
const UPLOADS_AT_ONCE = 100;
const RETRY_MS = 5 * 60_000;

/** States in which a node can still give its files. */
const THERE: ReadonlySet<NodeState | null> = new Set(['leased', 'uploading', 'held']);
/** Those that a node is going in. */
const LEAVING: ReadonlySet<string> = new Set(['uploading', 'deleting']);

/**
 * Sees to what waits for the storage beyond its job's end. The agents' connections are not its business: whoever has them goes on uploading,
 * and what comes of that shows in the rows. So do lost agents, machines that vanish, and people who delete a node: whatever takes the node
 * away says why in its row, and here its artifacts fail for that reason. Nothing is lost without a word.
 */
export function createWaitingKeeper({ store, journal, clock, logger, blobs }: Deps): WaitingKeeper {
  return {
    async run(signal) {
      const waiting = await waitingArtifacts(store.db);
      for (const artifact of waiting) {
        const reason = whyOver(artifact, clock.now());
        if (reason !== null) await journal.commit((tx) => endWaiting(tx, artifact, reason));
      }
      await releaseNodes();
      const isAll = await abortEnded(signal);
      const dues = waiting.flatMap(({ waits_until: at }) => (at === null || at <= clock.now() ? [] : [at]));
      const next = Math.min(...dues, ...(isAll ? [] : [clock.now() + RETRY_MS]));
      return next === Infinity ? null : next;
    },
    concerns: (changes) =>
      changes.some(
        ({ kind, data }) => kind === 'artifact' || (kind === 'node' && LEAVING.has(data.state ?? '')),
      ),
  };

  async function releaseNodes(): Promise<void> {
    for (const { id } of await nodesInStates(store.db, ['uploading']))
      await journal.commit(async (tx) => {
        // What waits now, not a moment ago.
        if ((await waitingOnNode(tx.db, id)).length === 0) await retireUploaded(tx, id, null);
      });
  }

  /** False where the storage would not: they are tried again. */
  async function abortEnded(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const ended = await endedUploads(store.db, clock.now() - FORGOTTEN_MS, UPLOADS_AT_ONCE);
      for (const upload of ended) {
        try {
          await blobs.uploads.abort({ key: upload.blob, id: upload.upload }, signal);
        } catch (error) {
          signal.throwIfAborted();
          if (!isOfOtherStorage(error)) {
            logger.warn(
              { err: error, blob: upload.blob },
              'an upload could not be given up; it is tried again',
            );
            return false;
          }
        }
        await deleteUpload(store.db, upload);
      }
      if (ended.length < UPLOADS_AT_ONCE) return true;
    }
  }
}

/** The storage has no uploads of such a name: it was begun in the one that was used before. */
function isOfOtherStorage(error: unknown): boolean {
  return error instanceof FootmanError && error.code === 'request-invalid';
}

/** Why it waits no longer, as a sentence; null while it does. */
function whyOver(artifact: WaitingArtifact, now: number): string | null {
  const { reason, waits_until: until, node_state: state, node_reason: nodeReason } = artifact;
  if (!THERE.has(state))
    return `its node went before it was stored${nodeReason === null ? '' : `: ${nodeReason}`}`;
  if (until === null || until > now) return null;
  return `it could not be stored in time${reason === null ? '' : `: ${reason}`}`;
}

async function endWaiting(tx: Tx, artifact: WaitingArtifact, reason: string): Promise<void> {
  const { id, job_id: jobId, build_id: buildId } = artifact;
  const set = { reason, waits_until: null, finished_at: tx.at };
  await moveArtifact(tx, { id: jobId, build_id: buildId }, id, ['waiting'], 'failed', set);
}
