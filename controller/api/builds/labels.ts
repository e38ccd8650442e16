import { serves, type Template } from '#controller/fleet';
import { noSuchLabel } from '#controller/provisioner';
import type { LabelMatcher } from '#controller/matching';
import { isTemplate } from '#shared/expressions';
import type { Pipeline } from '#shared/pipeline';
import { ProblemsError } from '../http/problem.ts';

/**
 * Refuses a build with a job that no template can ever run: it would wait for nothing.
 *
 * @throws ProblemsError `no-such-label`, with a sentence for each such job.
 */
export function checkLabels(pipeline: Pipeline, templates: readonly Template[], matcher: LabelMatcher): void {
  const problems = pipeline.jobs
    // What is evaluated later is checked later.
    .filter(
      ({ runsOn }) =>
        !isTemplate(runsOn) && templates.every((template) => serves(template, runsOn, matcher) === 'no'),
    )
    .map(({ id, runsOn }) => ({ job: id, message: noSuchLabel(runsOn, templates) }));
  const [first, ...others] = problems;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : `, and ${others.length} more of its jobs have no place either`;
  throw new ProblemsError(
    'no-such-label',
    `job ${first.job} can never run: ${first.message}${more}`,
    problems,
    {
      hint: '`footman clouds` lists the templates and their labels',
    },
  );
}
