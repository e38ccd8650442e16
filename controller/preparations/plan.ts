import { scopesOf } from '#controller/caches';
import type { Build, Db, Job } from '#controller/store';
import type { Prepare } from '#shared/pipeline';
import { candidatesFor, type Candidate } from './candidates.ts';
import { recipeOf, type Recipe } from './recipe.ts';
import type { Refs } from './refs.ts';
import type { SourceFiles } from './source-files.ts';

/** What a job wants prepared, for which templates, and whose images it may start from. */
export interface Plan {
  recipe: Recipe;
  /** At least one, the best first. */
  candidates: Candidate[];
  /** The nearest first. */
  scopes: string[];
  /** Where what is made goes. */
  save: string;
}

export interface PlanDeps {
  fleet: Parameters<typeof candidatesFor>[2]['fleet'];
  matcher: Parameters<typeof candidatesFor>[2]['matcher'];
  refs: Refs;
  files: SourceFiles;
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}

/** @throws Unprepared where there can't be one; another error where asking again may help */
export async function planFor(
  db: Db,
  build: Build,
  job: Job,
  prepare: Prepare,
  deps: PlanDeps,
): Promise<Plan> {
  const candidates = await candidatesFor(db, job.runs_on, deps, deps.signal);
  const { restore, save } = scopesOf(build);
  return { candidates, scopes: restore, save, recipe: await recipeOf(db, build, job, prepare, deps) };
}
