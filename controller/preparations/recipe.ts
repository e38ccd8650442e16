import { jobContexts } from '#controller/builds';
import { findProject, type Build, type BuildSource, type Db, type Job } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { resolvePrepare, type Env, type Prepare, type ResolvedStep } from '#shared/pipeline';
import type { Refs } from './refs.ts';
import type { SourceFiles } from './source-files.ts';
import { Unprepared } from './unprepared.ts';

/** What is done to prepare an image, with every value in its place: two that are equal make the same. */
export interface Recipe {
  /** What people call the image. */
  title: string;
  /** As its author declared it. */
  key: string | null;
  /** A digest of the files that it depends on; null where none are declared. */
  files: string | null;
  /** The pipeline's variables: each step has them. */
  env: Env;
  steps: RecipeStep[];
}

export interface RecipeStep {
  /** Checks out a commit, where it checks out another repository than the build's own. */
  step: Extract<ResolvedStep, { kind: 'run' | 'checkout' }>;
  /** What it takes of the build's source; null where that is nothing, or `files` say what counts. */
  source: string | null;
}

interface Deps {
  refs: Refs;
  files: SourceFiles;
}

/** @throws Unprepared where there can't be one; another error where asking again may help */
export async function recipeOf(
  db: Db,
  build: Build,
  job: Job,
  prepare: Prepare,
  deps: Deps,
): Promise<Recipe> {
  const { key, steps } = await evaluated(db, build, job);
  const files =
    prepare.files.length === 0
      ? null
      : await deps.files.digestOf(sourceOf(build, 'prepare.files names files'), prepare.files);
  const pinned: RecipeStep[] = [];
  for (const step of steps) pinned.push(await pin(db, build, step, files !== null, deps.refs));
  return { title: key ?? job.base, key, files, env: build.env, steps: pinned };
}

async function evaluated(db: Db, build: Build, job: Job): Promise<ReturnType<typeof resolvePrepare>> {
  try {
    return resolvePrepare(job.spec, await jobContexts(db, build, job));
  } catch (error) {
    if (!(error instanceof FootmanError) || error.code !== 'expression-failed') throw error;
    throw new Unprepared('failure', `its preparation: ${error.message}`);
  }
}

function sourceOf({ source }: Build, what: string): BuildSource {
  if (source !== null) return source;
  throw new Unprepared('failure', `${what} of the build's source, and the build came without one`);
}

/** From here on a branch may move: the image will have what its name says. */
async function pin(
  db: Db,
  build: Build,
  step: ResolvedStep,
  hasFiles: boolean,
  refs: Refs,
): Promise<RecipeStep> {
  if (step.kind === 'run') return { step, source: null };
  if (step.kind !== 'checkout') throw new Error(`a ${step.kind} prepares nothing`);
  const { repository, ref } = step.checkout;
  if (repository === undefined && (ref === undefined || ref === build.source?.commit)) {
    const { commit } = sourceOf(build, 'its preparation checks out a commit');
    return { step, source: hasFiles ? null : commit };
  }
  const remote = repository ?? (await remoteOf(db, build));
  if (remote === null) {
    // A ref of a source that somebody sent: only that source has it.
    const { sha256 } = sourceOf(build, `its preparation checks out ${ref}`);
    return { step, source: sha256 };
  }
  const commit = await commitOf(build, remote, ref, refs);
  return { step: { ...step, checkout: { ...step.checkout, ref: commit } }, source: null };
}

async function remoteOf(db: Db, { project_id: id }: Build): Promise<string | null> {
  const project = id === null ? undefined : await findProject(db, id);
  return project?.repository ?? null;
}

/** A stranger's pipeline does not choose whom the controller calls. */
async function commitOf(build: Build, remote: string, ref: string | undefined, refs: Refs): Promise<string> {
  if (build.trust === 'trusted') return refs.commitOf(remote, ref);
  if (ref !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref)) return ref;
  throw new Unprepared('uncached', `the build is from a fork, for which the controller asks no repository`);
}
