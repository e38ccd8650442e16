import type { Report } from '#shared/document';
import { type Draft, entry } from '../draft.ts';

/** The name of an artifact that has none of its own; its index counts from 0. */
export function defaultArtifactName(index: number): string {
  return index === 0 ? 'artifacts' : `artifacts-${index + 1}`;
}

/** Names of a job's artifacts differ, those that are made up included. */
export function checkArtifactNames(artifacts: Draft[], report: Report): void {
  const seen = new Set<unknown>();
  for (const [index, artifact] of artifacts.entries()) {
    const { path, value = defaultArtifactName(index) } = entry(artifact, 'name');
    if (seen.has(value))
      report(path, `an earlier artifact of this job is called ${JSON.stringify(value)} too`);
    if (typeof value === 'string') seen.add(value);
  }
}
