import { join } from 'node:path';
import type { Build } from '#controller/api';
import type { Client } from '../client/index.ts';
import type { Output } from '../terminal/index.ts';
import { folderOf } from './folder-of.ts';
import { getArtifacts, type Got } from './get.ts';
import { createTransferProgress } from './progress.ts';

/** Downloads all complete artifacts of the build's jobs, of each its last attempt, into `folder`, as JOB/ARTIFACT/PATH. */
export async function downloadArtifacts(
  { client, err, signal }: { client: Client; err: Output; signal: AbortSignal },
  build: Build,
  folder: string,
): Promise<Got[]> {
  const progress = createTransferProgress(err);
  const all: Got[] = [];
  try {
    for (const job of build.jobs.filter(({ superseded }) => !superseded)) {
      for (const artifact of job.artifacts.filter(({ state }) => state === 'complete')) {
        const into = join(folder, folderOf(job.key), folderOf(artifact.name));
        all.push(
          await getArtifacts({ client, progress, signal }, { job, artifact, folder: into, paths: [] }),
        );
      }
    }
  } finally {
    progress.close();
  }
  return all;
}
