import { defaultArtifactName } from '../check/artifacts.ts';
import type { Origin } from '../origin.ts';
import type { Artifact, Reports } from '../pipeline.ts';
import type { FetchStep } from '../step.ts';
import type { ArtifactSource, ReportsSource } from '../schema/artifact.ts';
import { defined } from './defined.ts';
import { toList } from './list.ts';
import { nameOfFetch } from './step-name.ts';

/** What the job leaves. */
export function toArtifacts(sources: readonly ArtifactSource[]): Artifact[] {
  return sources.filter(({ from }) => from === undefined).map(toArtifact);
}

function toArtifact(source: ArtifactSource, index: number): Artifact {
  return {
    name: source.name ?? defaultArtifactName(index),
    paths: toList(source.paths),
    exclude: toList(source.exclude),
    when: source.when,
    ...defined({ expireMs: source.expire }),
    ifEmpty: source['if-empty'],
    archive: source.archive,
  };
}

/** What the job takes from others, as steps before its own. */
export function toFetchSteps(sources: readonly ArtifactSource[], { binding }: Origin): FetchStep[] {
  return sources.flatMap(({ from, name: artifact, path }) => {
    if (from === undefined) return [];
    const fetch = { from, ...defined({ artifact, path }) };
    const base = { conditions: [], env: {}, continueOnError: false, ...defined({ binding }) };
    return [{ kind: 'fetch' as const, name: nameOfFetch(fetch), fetch, ...base }];
  });
}

export function toReports({ junit }: ReportsSource): Reports {
  return { junit: toList(junit) };
}
