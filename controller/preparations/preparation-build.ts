import { submitIn, type SubmitDefaults } from '#controller/builds';
import type { Tx } from '#controller/events';
import { templateKey } from '#controller/fleet';
import { findJobByKey, patchJob, type Build, type Job } from '#controller/store';
import type { Job as JobSpec, Pipeline, SnapshotStep } from '#shared/pipeline';
import type { Candidate } from './candidates.ts';
import { literal, literalEnv, literalStep } from './literal.ts';
import type { Recipe, RecipeStep } from './recipe.ts';

/** An image that is to be made. */
export interface Order {
  /** Who wants it first; and what its image is made with. */
  build: Build;
  job: Job;
  recipe: Recipe;
  /** Those that are missing in what it starts from. */
  steps: RecipeStep[];
  candidate: Candidate;
  /** The version that its node is made from; null for what the template says. */
  base: string | null;
  /** The stream that its image goes to. */
  stream: string;
}

/** Its only job. */
export const PREPARE = 'prepare';

/** For a snapshot, which is all that comes after the steps. */
const POST_MS = 10 * 60_000;
/** Nobody rolls a prepared image back, and those who use the one before go on. */
const KEEP = 2;
const MAX_NAME = 200;

/** Starts the build that makes it: one job with these steps, captured at its end. It outlives whoever wants the image. */
export async function submitPreparation(tx: Tx, order: Order, defaults: SubmitDefaults): Promise<Build> {
  const { build, candidate, base } = order;
  const preparation = await submitIn(
    tx,
    {
      pipeline: pipelineOf(order),
      file: build.file,
      source: build.source,
      projectId: build.project_id,
      trigger: { ...build.trigger, event: 'preparation' },
      parameters: build.parameters,
      trust: build.trust,
      rerunOf: null,
    },
    defaults,
  );
  const job = await findJobByKey(tx.db, preparation.id, PREPARE);
  // In the commit that queues it: it never gets another node.
  if (job !== undefined)
    await patchJob(tx.db, job.id, ['queued'], { images: { [templateKey(candidate.template)]: base } });
  return preparation;
}

/** All values are in their places: what is made is what its stream is called by. */
function pipelineOf(order: Order): Pipeline {
  const { recipe } = order;
  return {
    name: `prepare ${recipe.title}`.slice(0, MAX_NAME),
    on: { schedule: [], parameters: {} },
    env: literalEnv(recipe.env),
    jobs: [jobOf(order)],
  };
}

function jobOf({ job, recipe, steps, stream }: Order): JobSpec {
  return {
    id: PREPARE,
    name: literal(`prepare ${recipe.title}`.slice(0, MAX_NAME)),
    runsOn: literal(job.runs_on),
    needs: [],
    conditions: [],
    env: {},
    timeoutMs: job.timeout_ms,
    queueTimeoutMs: job.queue_timeout_ms,
    retry: { max: 1, on: ['errored'], delayMs: 0 },
    continueOnError: false,
    priority: job.priority,
    outputs: {},
    steps: steps.map(({ step }) => literalStep(step)),
    post: { timeoutMs: POST_MS, steps: [{ when: 'success', step: snapshotTo(stream) }] },
    artifacts: [],
  };
}

function snapshotTo(stream: string): SnapshotStep {
  return {
    kind: 'snapshot',
    name: 'snapshot',
    conditions: [],
    env: {},
    continueOnError: false,
    snapshot: { stream, verify: null, keep: KEEP, promote: { how: 'auto' } },
  };
}
