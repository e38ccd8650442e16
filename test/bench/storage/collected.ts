import type { Client } from '../controller/client.ts';

interface BuildView {
  jobs: {
    steps: { phase: string; startedAt: number | null; finishedAt: number | null }[];
    artifacts: { state: string; files: number; reason: string | null }[];
  }[];
}

/**
 * From the first of the build's jobs that stored its files until the last of them had: milliseconds, by the controller's own times.
 *
 * @throws Error unless so many files are stored
 */
export async function collectedWithin(client: Client, build: string, files: number): Promise<number> {
  const { jobs } = await client.get<BuildView>(`/builds/${build}`);
  const artifacts = jobs.flatMap((job) => job.artifacts);
  const stored = artifacts.reduce((sum, artifact) => sum + artifact.files, 0);
  if (stored !== files || artifacts.some(({ state }) => state !== 'complete'))
    throw new Error(`${stored} of ${files} files are stored: ${JSON.stringify(artifacts)}`);
  const steps = jobs.flatMap((job) => job.steps).filter(({ phase }) => phase === 'collect');
  const begun = Math.min(...steps.map(({ startedAt }) => startedAt ?? Number.NaN));
  return Math.max(...steps.map(({ finishedAt }) => finishedAt ?? Number.NaN)) - begun;
}
