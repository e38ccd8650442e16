import type { Submission } from '#controller/builds';
import type { Projects } from '#controller/projects';
import type { Project, Trigger, Trust } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { checkParameters, type Pipeline } from '#shared/pipeline';
import type { Candidate } from './candidates.ts';
import type { Findings } from './findings.ts';

/** What builds of one delivery have in common. */
export interface Occasion {
  project: Project;
  commit: string;
  ref: string | null;
  trigger: Trigger;
  trust: Trust;
}

export interface PrepareDeps {
  projects: Projects;
  /** @throws FootmanError for a pipeline that no template can run. */
  admit(pipeline: Pipeline): void;
}

/** @throws FootmanError `request-invalid`, `no-such-label`, and what keeps the source from being stored. */
export async function prepare(
  { projects, admit }: PrepareDeps,
  { project, commit, ref, trigger, trust }: Occasion,
  { file, pipeline }: Candidate,
  given: Record<string, unknown>,
  signal: AbortSignal,
): Promise<Submission> {
  const checked = checkParameters(pipeline.on.parameters, given);
  if (!checked.ok) throw wrongParameters(checked.problems);
  admit(pipeline);
  const source = await projects.source(project, commit, ref, signal);
  const { values: parameters } = checked;
  return { pipeline, file, source, projectId: project.id, trigger, parameters, trust, rerunOf: null };
}

/** Those that can be built as submissions, those that can't with the reason. Only trouble with the repository itself is thrown. */
export async function prepareAll(
  deps: PrepareDeps,
  occasion: Occasion,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<Pick<Findings, 'submissions' | 'broken'>> {
  const found: Pick<Findings, 'submissions' | 'broken'> = { submissions: [], broken: [] };
  for (const candidate of candidates) {
    try {
      found.submissions.push(await prepare(deps, occasion, candidate, {}, signal));
    } catch (error) {
      if (!isThePipelines(error)) throw error;
      found.broken.push({ file: candidate.file, problems: [`${candidate.file}: ${error.message}`] });
    }
  }
  return found;
}

/** Whether the error is about the pipeline, and would be the same at another try. */
export function isThePipelines(error: unknown): error is FootmanError {
  if (!(error instanceof FootmanError)) return false;
  return ['author', 'user'].includes(error.actor) && error.code !== 'not-found';
}

function wrongParameters(
  problems: readonly { name: string; message: string; hint?: string }[],
): FootmanError {
  const sentence = problems.map(({ message }) => message).join('; ');
  const [hint] = problems.flatMap((problem) => problem.hint ?? []);
  return new FootmanError('request-invalid', sentence, hint === undefined ? {} : { hint });
}
