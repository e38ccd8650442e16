import type { Job, Waiting } from '#controller/api';
import type { Client } from '../client/index.ts';
import { ownTimeZone } from '../waiting/index.ts';

interface Options {
  client: Client;
  /** The jobs as they are at any moment. */
  jobs: () => readonly Job[];
  show: (job: Job, sentence: string) => Promise<void>;
}

/** A node usually takes less; nobody wants to read about that. */
const PATIENCE_MS = 3_000;
const INTERVAL_MS = 2_000;

/** Tells why a job still waits for its node, once for each new reason (L20). Returns the way out. */
export function watchWaiting({ client, jobs, show }: Options): () => void {
  const told = new Set<string>();
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    // Another look comes soon; the build itself tells whether the controller is gone.
    ask()
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);

  async function ask(): Promise<void> {
    for (const { id } of jobs().filter(hasWaited)) {
      const waiting = await client.waiting(id, ownTimeZone());
      const job = jobs().find((one) => one.id === id);
      const reason = reasonOf(waiting);
      if (job?.state !== 'queued' || told.has(reason)) continue;
      told.add(reason);
      await show(job, waiting.sentence);
    }
  }
}

function hasWaited({ state, stateSince }: Job): boolean {
  return state === 'queued' && Date.now() - stateSince >= PATIENCE_MS;
}

/** What stays the same while only times and counts change. */
function reasonOf({ jobId, candidates, nodes }: Waiting): string {
  const why = candidates.map(({ cloud, template, verdict, code }) => [cloud, template, verdict, code]);
  const coming = nodes.map(({ cloud, template }) => [cloud, template]);
  // Once a node is on its way, the others don't matter.
  return JSON.stringify([jobId, coming.length > 0 ? coming : why]);
}
