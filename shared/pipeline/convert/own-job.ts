import { defined } from './defined.ts';
import { inlineMatrix } from '../templates/inline-parameters.ts';
import { inside, type Origin } from '../origin.ts';
import { type Job, POST_CONDITIONS, type Post } from '../pipeline.ts';
import type { JobSource, PostSource, PrioritySource, RetrySource } from '../schema/job.ts';
import { toArtifacts, toFetchSteps, toReports } from './artifact.ts';
import { toConcurrency } from './concurrency.ts';
import { toCondition } from './condition.ts';
import { toList } from './list.ts';
import { toMatrix } from './matrix.ts';
import { toPrepare } from './prepare.ts';
import { type StepOptions, toSteps } from './step.ts';
import { toTexts } from './texts.ts';

type Filled = 'runsOn' | 'timeoutMs' | 'retry' | 'priority';

/** A job before the pipeline's defaults: it may leave open what those say. */
export interface OpenJob extends Omit<Job, Filled> {
  runsOn?: Job['runsOn'];
  timeoutMs?: Job['timeoutMs'];
  retry?: RetrySource;
  priority?: PrioritySource;
}

/** A job that says itself what it does. */
export function toOwnJob(id: string, source: JobSource, origin: Origin, options: StepOptions): OpenJob {
  const defaults = { ...options.defaults, ...defined(source.defaults ?? {}) };
  const inner = { ...options, defaults };
  const { matrix, concurrency } = source;
  return {
    id,
    name: source.name ?? id,
    needs: toList(source.needs),
    conditions: toCondition(source.if, origin),
    env: toTexts(source.env, inside(origin, 'env')),
    continueOnError: source['continue-on-error'] ?? false,
    outputs: toTexts(source.outputs, inside(origin, 'outputs')),
    steps: [
      ...toFetchSteps(source.artifacts, origin),
      ...toSteps(source.steps ?? [], inside(origin, 'steps'), inner),
    ],
    post: toPost(source.post, inside(origin, 'post'), inner),
    artifacts: toArtifacts(source.artifacts),
    ...defined({
      reports: source.reports === undefined ? undefined : toReports(source.reports),
      runsOn: source['runs-on'],
      matrix: matrix === undefined ? undefined : inlineMatrix(toMatrix(matrix), origin.binding),
      timeoutMs: source.timeout,
      queueTimeoutMs: source['queue-timeout'],
      retry: source.retry,
      concurrency: concurrency === undefined ? undefined : toConcurrency(concurrency),
      priority: source.priority,
      prepare:
        source.prepare === undefined
          ? undefined
          : toPrepare(source.prepare, inside(origin, 'prepare'), inner),
      binding: origin.binding,
    }),
  };
}

function toPost(source: PostSource | undefined, origin: Origin, options: StepOptions): Post {
  if (source === undefined) return { timeoutMs: DEFAULT_POST_TIMEOUT_MS, steps: [] };
  const steps = POST_CONDITIONS.flatMap((when) =>
    toSteps(source[when] ?? [], inside(origin, when), options).map((step) => ({ when, step })),
  );
  return { timeoutMs: source.timeout, steps };
}

const DEFAULT_POST_TIMEOUT_MS = 10 * 60_000;
