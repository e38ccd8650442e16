import type { Job } from '#controller/api';
import type { Client } from '../client/index.ts';

interface Options {
  client: Client;
  /** The jobs as they are at any moment. */
  jobs: readonly Job[];
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
    for (const job of jobs) {
      if (job.state !== 'queued' || Date.now() - job.stateSince < PATIENCE_MS) continue;
      const { sentence } = await client.waiting(job.id);
      if (told.get(job.id) === sentence || job.state !== 'queued') continue;
      told.set(job.id, sentence);
      await show(job, sentence);
    }
  }
}
