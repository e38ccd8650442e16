import type { JobsModel } from '#simulator/model';
import { createRandom, drawDuration, drawInteger, drawWeighted } from '#simulator/random';
import type { Trace } from '#simulator/trace';

/** A job that will come. Times in milliseconds; `at` since the start of the simulation. */
export interface PlannedJob {
  at: number;
  runsOn: string;
  priority: number;
  durationMs: number;
  queueTimeoutMs: number;
}

/** The jobs of all arrivals, in order. The same seed makes the same jobs, whoever has to find nodes for them. */
export function createWorkload(trace: Trace, model: JobsModel, seed: number): PlannedJob[] {
  const counts = createRandom(seed, 'jobs per arrival');
  const kinds = createRandom(seed, 'kinds of jobs');
  const durations = createRandom(seed, 'durations of jobs');
  return trace.flatMap((at) =>
    Array.from({ length: drawInteger(counts, model.perArrival) }, () => {
      const { runsOn, priority, duration } = drawWeighted(kinds, model.kinds);
      const durationMs = drawDuration(durations, duration);
      return { at, runsOn, priority, durationMs, queueTimeoutMs: model.queueTimeoutMs };
    }),
  );
}
