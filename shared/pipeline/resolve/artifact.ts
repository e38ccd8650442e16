import type { Contexts, EvaluateOptions } from '#shared/expressions';
import { z } from 'zod';
import { bind } from './binding.ts';
import { createEvaluator } from './evaluated.ts';
import { glob } from '../schema/fields.ts';
import { MAX_NAME_LENGTH } from '../limits.ts';
import { ARTIFACT_NAME } from '../names.ts';
import type { Artifact, Job, Reports } from '../pipeline.ts';

/** Of what is made of a template. */
export const artifactName = z
  .string()
  .max(MAX_NAME_LENGTH)
  .regex(ARTIFACT_NAME, 'no artifact can be called so');

export type ResolvedArtifact = Artifact & { archive: boolean };

/** @throws FootmanError `expression-failed`, or `HashNeeded` */
export function resolveArtifact(
  artifact: Artifact,
  { binding }: Pick<Job, 'binding'>,
  contexts: Contexts,
  options: EvaluateOptions = {},
): ResolvedArtifact {
  const evaluator = createEvaluator(bind(contexts, binding), options);
  return {
    ...artifact,
    name: evaluator.as(artifactName, artifact.name, 'the name of the artifact'),
    paths: artifact.paths.map((path) => evaluator.as(glob, path, 'paths')),
    exclude: artifact.exclude.map((path) => evaluator.as(glob, path, 'exclude')),
    archive: artifact.archive ?? false,
  };
}

/**
 * Without globs for a job that reports nothing.
 *
 * @throws FootmanError `expression-failed`, or `HashNeeded`
 */
export function resolveReports(
  { reports, binding }: Pick<Job, 'reports' | 'binding'>,
  contexts: Contexts,
  options: EvaluateOptions = {},
): Reports {
  const evaluator = createEvaluator(bind(contexts, binding), options);
  return { junit: (reports?.junit ?? []).map((path) => evaluator.as(glob, path, 'reports.junit')) };
}
