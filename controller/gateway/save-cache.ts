import type { Blobs } from '#controller/blobs';
import { cacheBlobKeyOf, type Caches } from '#controller/caches';
import type { Clock } from '#controller/clock';
import { deleteUploads, type Build, type Job, type Step, type Store } from '#controller/store';
import { messageOf } from '#shared/errors';
import type { Cache } from '#shared/pipeline';
import { abortable } from '#shared/abortable';
import type { Activity, AgentLink } from './activity.ts';
import { createArtifactRun } from './collecting/index.ts';
import type { LeaseLimits } from './limits.ts';

interface Task {
  store: Store;
  clock: Clock;
  caches: Caches;
  blobs: Blobs;
  limits: LeaseLimits;
  build: Build;
  job: Job;
  step: Step;
  link: AgentLink;
  begin(activity: Activity): void;
  stop: AbortSignal;
  signal: AbortSignal;
}

/** What the script of a save step packs, in the folder for uploads. */
const CACHE_FILE = 'cache.tar.gz';

/** Brings what a save step has packed into the storage, and makes it an entry. A sentence says why not. */
export async function saveCache(task: Task, cache: Cache): Promise<string | undefined> {
  const { store, caches, limits, build, job, step, link, begin, stop, signal } = task;
  const collect = {
    type: 'artifact.collect' as const,
    artifact: step.id,
    root: 'uploads' as const,
    paths: [CACHE_FILE],
    exclude: [],
    maxFiles: 1,
    maxBytes: limits.artifactBytes,
  };
  try {
    const keyOf = (file: { sha256: string }): string => cacheBlobKeyOf(step.id, file);
    const run = createArtifactRun({ ...task, collect, keyOf });
    begin(run);
    const report = await abortable(run.report, AbortSignal.any([stop, signal]));
    if (report.kind !== 'stored') return report.reason;
    const [file] = report.content.files;
    // Its entry would have no object, and nobody else could have the key.
    if (file?.link !== undefined) return `${CACHE_FILE} is a link`;
    // Nothing was there to be packed, as the log says.
    if (file !== undefined) await caches.commit(build, job, cache, { ...file, blob: keyOf(file) });
    await deleteUploads(store.db, step.id);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return stop.aborted ? 'its time was up' : messageOf(error);
  } finally {
    link.send({ type: 'artifact.ack', artifact: step.id });
  }
}
