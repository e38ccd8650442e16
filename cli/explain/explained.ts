import type { Job, Pipeline, Plan, PlannedJob } from '#shared/pipeline';
import type { Places } from './places.ts';

/** A job of the pipeline with what it comes to. */
export interface ExplainedJob {
  spec: Job;
  /** What people call it; as it is written where that differs from cell to cell. */
  name: string;
  /** Undefined where only a build can tell. */
  cells: ExplainedCell[] | undefined;
  /** Where all of them run, if they do at the same place. */
  place: string | undefined;
  secrets: readonly string[];
}

export interface ExplainedCell {
  key: string;
  /** Its label expression, and the templates that match it where somebody knows. */
  place: string;
}

/** The plan's jobs, with the cells of a matrix together. */
export function explainJobs({ jobs }: Pipeline, plan: Plan, places: Places | undefined): ExplainedJob[] {
  return jobs.map((spec) => {
    const planned = plan.jobs.filter(({ base }) => base === spec.id);
    const cells = planned.map((job) => ({ key: job.key, place: placeOf(job, places) }));
    const [first] = cells;
    const names = new Set(planned.map(({ name }) => name));
    return {
      spec,
      name: names.size === 1 ? (planned[0]?.name ?? spec.name) : spec.name,
      cells: planned.some(({ later }) => later.includes('matrix')) ? undefined : cells,
      place: cells.every(({ place }) => place === first?.place) ? first?.place : undefined,
      secrets: planned[0]?.secrets ?? [],
    };
  });
}

/** `linux && arm → docker/debian, vm/big`. */
function placeOf({ runsOn }: PlannedJob, places: Places | undefined): string {
  const templates = places?.for(runsOn);
  if (templates === undefined) return runsOn;
  return `${runsOn} → ${templates.length === 0 ? 'no template' : templates.join(', ')}`;
}
