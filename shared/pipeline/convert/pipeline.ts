import type { Document } from '#shared/document';
import { defined } from './defined.ts';
import type { Library } from '../templates/library.ts';
import { inside } from '../origin.ts';
import type { Pipeline } from '../pipeline.ts';
import type { PipelineSource } from '../schema/pipeline.ts';
import { toConcurrency } from './concurrency.ts';
import { toJob } from './job.ts';
import { toTexts } from './texts.ts';
import { toTriggers } from './triggers.ts';

/** The checked document in the words of the program, with every template and every default filled in. */
export function toPipeline(
  source: PipelineSource,
  document: Document,
  library: Library,
  defaultName: string,
): Pipeline {
  const origin = { document, path: [] };
  const { concurrency, priority, defaults = {} } = source;
  // The pipeline's own priority is what its jobs have, unless they or the defaults say more exactly.
  const options = { library, defaults: { ...defined({ priority }), ...defined(defaults) } };
  return {
    name: source.name ?? defaultName,
    on: toTriggers(source.on, inside(origin, 'on')),
    env: toTexts(source.env, inside(origin, 'env')),
    ...defined({
      timeoutMs: source.timeout,
      concurrency: concurrency === undefined ? undefined : toConcurrency(concurrency),
    }),
    jobs: Object.entries(source.jobs).map(([id, job]) => toJob(id, job, inside(origin, 'jobs', id), options)),
  };
}
