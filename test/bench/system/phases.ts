import type { Client } from '../controller/client.ts';

/** Where the time of a build with one job went, in milliseconds. */
export interface Phases {
  /** Until it was known what its node is to be made from. */
  decision: number;
  /** Until its node was there. */
  node: number;
  steps: number;
  /** Of the snapshot, where it takes one. */
  capture: number;
}

interface BuildView {
  createdAt: number;
  jobs: {
    queuedAt: number | null;
    startedAt: number | null;
    finishedAt: number | null;
    steps: { phase: string; startedAt: number | null; finishedAt: number | null }[];
  }[];
}

export async function phasesOf(client: Client, build: string): Promise<Phases> {
  const { createdAt, jobs } = await client.get<BuildView>(`/builds/${build}`);
  const [job] = jobs;
  if (job === undefined) throw new Error('a build has no job');
  const { queuedAt, startedAt, finishedAt, steps } = job;
  const snapshot = steps.find(({ phase }) => phase === 'success');
  const capture = between(snapshot?.startedAt, snapshot?.finishedAt);
  return {
    decision: between(createdAt, queuedAt),
    node: between(queuedAt, startedAt),
    steps: between(startedAt, finishedAt) - capture,
    capture,
  };
}

function between(from: number | null | undefined, to: number | null | undefined): number {
  return (to ?? 0) - (from ?? to ?? 0);
}
