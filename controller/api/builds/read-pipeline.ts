import { checkParameters, parsePipeline, type Job, type Pipeline } from '#shared/pipeline';
import { parseLabelExpression } from '#shared/labels';
import { ProblemsError } from '../http/problem.ts';
import type { NewBuild } from './schema.ts';

/**
 * The pipeline that was sent, with the label expression that the sender wants instead of its own.
 *
 * @throws ProblemsError `document-invalid` with everything that is wrong; FootmanError `label-invalid`.
 */
export function readPipeline({ file, pipeline: source, runsOn, templates = {} }: NewBuild): Pipeline {
  const include = (path: string): string | undefined =>
    Object.hasOwn(templates, path) ? templates[path] : undefined;
  const parsed = parsePipeline(source, file, { include });
  if (!parsed.ok) {
    const count = parsed.problems.filter(({ severity }) => severity === undefined).length;
    const problems = parsed.problems.map(({ code: _code, ...problem }) => problem);
    throw new ProblemsError(
      'document-invalid',
      `${file} has ${count} mistake${count === 1 ? '' : 's'}`,
      problems,
    );
  }
  const { pipeline } = parsed;
  if (runsOn === undefined) return pipeline;
  parseLabelExpression(runsOn);
  return { ...pipeline, jobs: pipeline.jobs.map((job) => placeOn(job, runsOn)) };
}

function placeOn(job: Job, runsOn: string): Job {
  return { ...job, runsOn };
}

/**
 * The value of every parameter: what was sent, else its default.
 *
 * @throws ProblemsError `request-invalid` with everything that is wrong.
 */
export function readParameters(
  { on }: Pipeline,
  { parameters = {} }: NewBuild,
): Record<string, string | number | boolean> {
  const checked = checkParameters(on.parameters, parameters);
  if (checked.ok) return checked.values;
  const [first] = checked.problems;
  const more = checked.problems.length > 1 ? `, and ${checked.problems.length - 1} more` : '';
  throw new ProblemsError('request-invalid', `${first?.message}${more}`, checked.problems);
}
