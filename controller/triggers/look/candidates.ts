import type { PipelineFile } from '#controller/projects';
import { formatProblem } from '#shared/document';
import type { Pipeline } from '#shared/pipeline';
import type { Broken } from './findings.ts';

export interface Candidate {
  file: string;
  pipeline: Pipeline;
}

/** Mistakes that are told of one file; `footman lint` tells them all. */
const MOST_PROBLEMS = 3;

/** The pipelines that can be read, and those that can't. */
export function sortOut(files: readonly PipelineFile[]): { candidates: Candidate[]; broken: Broken[] } {
  const candidates: Candidate[] = [];
  const broken: Broken[] = [];
  for (const { file, parsed } of files) {
    if (parsed.ok) candidates.push({ file, pipeline: parsed.pipeline });
    else broken.push({ file, problems: parsed.problems.slice(0, MOST_PROBLEMS).map(formatProblem) });
  }
  return { candidates, broken };
}
