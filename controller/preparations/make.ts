import type { SubmitDefaults } from '#controller/builds';
import type { Tx } from '#controller/events';
import { freshStream } from '#controller/images';
import {
  findBuild,
  findStream,
  insertStream,
  lockStream,
  patchStream,
  type Build,
  type ImageStream,
  type Job,
  type PreparedStream,
} from '#controller/store';
import type { Prepare } from '#shared/pipeline';
import type { Candidate } from './candidates.ts';
import { findHit, keep } from './hit.ts';
import type { Plan } from './plan.ts';
import { submitPreparation } from './preparation-build.ts';
import { streamName } from './stream-name.ts';

/** Who wants an image, and what it is to be like. */
export interface Wish {
  build: Build;
  job: Job;
  prepare: Prepare;
  plan: Plan;
  defaults: SubmitDefaults;
}

/** The next image on the way to what is wanted. */
export interface Next {
  /** The version that it starts from; null for what the template says. */
  base: string | null;
  /** Steps that that has. */
  done: number;
  /** Steps that it will have. */
  steps: number;
  stream: PreparedStream;
}

/**
 * All steps at once. With layers, on top of the longest row of them that is fresh: the one that comes next, so that each is there for others,
 * or, where nobody waits who would ask for the one after that, all that are missing.
 */
export async function nextFor(
  tx: Tx,
  { prepare, plan }: Pick<Wish, 'prepare' | 'plan'>,
  candidate: Candidate,
  { isAwaited }: { isAwaited: boolean },
): Promise<Next> {
  const { recipe, save } = plan;
  const all = recipe.steps.length;
  for (let done = prepare.layers ? all - 1 : 0; done > 0; done--) {
    const hit = await findHit(tx.db, plan, candidate, done, prepare, tx.at);
    if (hit?.isFresh === true && (await keep(tx, hit))) return next(hit.version.id, done);
  }
  return next(candidate.version, 0);

  function next(base: string | null, done: number): Next {
    const steps = prepare.layers && isAwaited ? done + 1 : all;
    const { cloud, name: template } = candidate.template;
    const name = streamName({ scope: save, cloud, base: candidate.base }, recipe, steps);
    return { base, done, steps, stream: { name, cloud, template } };
  }
}

/** The stream's build, which is under way: there is one at a time, however many want its image. */
export async function make(tx: Tx, wish: Wish, candidate: Candidate, next: Next): Promise<Build> {
  const { build, job, prepare, plan, defaults } = wish;
  const { recipe, save } = plan;
  const id = { name: next.stream.name, cloud: next.stream.cloud };
  await insertStream(tx.db, freshStream(tx, id));
  const known = await buildOf(tx, await lockStream(tx.db, id));
  if (known !== undefined && known.state !== 'finished') return known;
  const steps = recipe.steps.slice(next.done, next.steps);
  const order = { build, job, recipe, steps, candidate, base: next.base, stream: id.name };
  const preparation = await submitPreparation(tx, order, defaults);
  await patchStream(tx.db, id, {
    build_id: preparation.id,
    title: recipe.title,
    scope: save,
    ttl_ms: prepare.ttlMs,
    max_stale_ms: prepare.maxStaleMs,
    used_at: tx.at,
  });
  return preparation;
}

/** Between two tries to make an image anew that still serves. */
const PAUSE_MS = 10 * 60_000;

/** Makes an image anew whose time has come, while the old one serves. What has just failed is not tried by each job that comes. */
export async function refresh(tx: Tx, wish: Wish, candidate: Candidate): Promise<void> {
  const next = await nextFor(tx, wish, candidate, { isAwaited: false });
  const last = await buildOf(tx, await findStream(tx.db, next.stream));
  const hasFailed = last?.state === 'finished' && last.result !== 'success';
  if (hasFailed && (last.finished_at ?? 0) > tx.at - PAUSE_MS) return;
  await make(tx, wish, candidate, next);
}

/** The build that makes, or made, the stream's newest image. */
export async function buildOf(tx: Tx, stream: ImageStream | undefined): Promise<Build | undefined> {
  const id = stream?.build_id ?? null;
  return id === null ? undefined : findBuild(tx.db, id);
}
