import type { Pipeline } from '#shared/pipeline';
import type { Context } from '../context.ts';
import type { LoadedPipeline } from './load-pipeline.ts';
import { formatProblems } from './problems.ts';

/** For commands that go on with the pipeline: tells its problems on standard error. Undefined where there are mistakes among them. */
export async function goodPipeline(
  { err, errStyle: style }: Context,
  { pipeline, problems, textOf }: LoadedPipeline,
): Promise<Pipeline | undefined> {
  await err.write(formatProblems(problems, err.isTerminal ? { style, textOf } : { style }));
  return pipeline;
}
