import type { Job } from '#controller/api';
import type { Client } from '../client/index.ts';

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
  const told = new Map<string, string>();
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
      const { sentence } = await client.waiting(id);
      const job = jobs().find((one) => one.id === id);
      if (job?.state !== 'queued' || told.get(id) === sentence) continue;
      told.set(id, sentence);
      await show(job, sentence);
    }
  }
}

function hasWaited({ state, stateSince }: Job): boolean {
  return state === 'queued' && Date.now() - stateSince >= PATIENCE_MS;
}
