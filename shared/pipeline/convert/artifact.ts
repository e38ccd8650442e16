import { defaultArtifactName } from '../check/artifacts.ts';
import type { Artifact } from '../pipeline.ts';
import type { ArtifactSource } from '../schema/artifact.ts';
import { toList } from './list.ts';

export function toArtifact(source: ArtifactSource, index: number): Artifact {
  return {
    name: source.name ?? defaultArtifactName(index),
    paths: toList(source.paths),
    exclude: toList(source.exclude),
    when: source.when,
    ifEmpty: source['if-empty'],
  };
}
