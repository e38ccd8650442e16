import { existsSync } from 'node:fs';
import type { Context } from '../context.ts';
import type { ParameterOptions } from '../pipelines/index.ts';

/** Explains a pipeline, or why a job is waiting: a file is a pipeline, and so is what is called like one. */
export async function explain(context: Context, what: string, options: ParameterOptions): Promise<number> {
  if (isPipeline(what))
    return (await import('./explain-pipeline.ts')).explainPipeline(context, what, options);
  return (await import('./explain-job.ts')).explainJob(context, what);
}

function isPipeline(what: string): boolean {
  return what === '-' || /\.ya?ml$/.test(what) || existsSync(what);
}
