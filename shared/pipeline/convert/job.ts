import { createCarrier } from './carrier.ts';
import { carryConcurrency, carryEnv, carryText, carryValue } from './carry.ts';
import { defined } from './defined.ts';
import { inlineMatrix } from '../templates/inline-parameters.ts';
import type { Library } from '../templates/library.ts';
import { inside, type Origin } from '../origin.ts';
import type { Job } from '../pipeline.ts';
import type { DefaultsSource } from '../schema/pipeline.ts';
import type { JobSource } from '../schema/job.ts';
import { toBinding } from './binding.ts';
import { toConcurrency } from './concurrency.ts';
import { toCondition } from './condition.ts';
import { toList } from './list.ts';
import { toMatrix } from './matrix.ts';
import { type OpenJob, toOwnJob } from './own-job.ts';
import { toPriority } from './priority.ts';
import { toRetry } from './retry.ts';
import type { StepDefaults } from './step.ts';
import { toTexts } from './texts.ts';

const DEFAULT_TIMEOUT_MS = 60 * 60_000;

interface Options {
  library: Library;
  /** The pipeline's. */
  defaults: DefaultsSource;
}

/** A job of the pipeline, out of its template if it uses one, with every default filled in. */
export function toJob(id: string, source: JobSource, origin: Origin, options: Options): Job {
  const { library, defaults } = options;
  const job = expand(id, source, origin, library, defaults);
  const carrier = createCarrier(job.binding, origin.binding);
  const runsOn = job.runsOn ?? carrier.text('runs-on', defaults['runs-on'] ?? '');
  const timeoutMs = job.timeoutMs ?? carryText(carrier, 'timeout', defaults.timeout ?? DEFAULT_TIMEOUT_MS);
  return {
    id,
    name: job.name,
    runsOn,
    needs: job.needs,
    conditions: job.conditions,
    ...defined({ matrix: job.matrix }),
    env: job.env,
    timeoutMs,
    ...defined({
      queueTimeoutMs: job.queueTimeoutMs ?? defaults['queue-timeout'],
      retry: toRetry(job.retry ?? defaults.retry),
    }),
    continueOnError: job.continueOnError,
    ...defined({ concurrency: job.concurrency }),
    priority: toPriority(job.priority ?? defaults.priority),
    ...defined({ prepare: job.prepare }),
    outputs: job.outputs,
    steps: job.steps,
    post: job.post,
    artifacts: job.artifacts,
    ...defined({ reports: job.reports }),
    ...defined({ binding: carrier.binding() }),
  };
}

function expand(
  id: string,
  source: JobSource,
  origin: Origin,
  library: Library,
  defaults: StepDefaults,
): OpenJob {
  const found = source.uses === undefined ? undefined : library.find(source.uses);
  if (found?.template.job === undefined) return toOwnJob(id, source, origin, { library, defaults });
  const inner = inside(toBinding(found, source.with, inside(origin, 'with')), 'job');
  // What the pipeline says for its own steps is no concern of a template's.
  return overlay(expand(id, found.template.job, inner, library, {}), source, origin);
}

/** The template's job with what its user says beside it. */
function overlay(job: OpenJob, source: JobSource, origin: Origin): OpenJob {
  const carrier = createCarrier(job.binding, origin.binding);
  const env = toTexts(source.env, inside(origin, 'env'));
  const { matrix, concurrency } = source;
  return {
    ...job,
    needs: toList(source.needs),
    conditions: [...toCondition(source.if, origin), ...job.conditions],
    env: { ...job.env, ...carryEnv(carrier, env) },
    ...defined({
      name: carryText(carrier, 'name', source.name),
      matrix: matrix === undefined ? undefined : inlineMatrix(toMatrix(matrix), origin.binding),
      timeoutMs: carryText(carrier, 'timeout', source.timeout),
      retry: source.retry,
      continueOnError: carryValue(carrier, 'continue-on-error', source['continue-on-error']),
      concurrency:
        concurrency === undefined ? undefined : carryConcurrency(carrier, toConcurrency(concurrency)),
      priority: source.priority,
    }),
    // After everything was carried.
    ...defined({ binding: carrier.binding() }),
  };
}
