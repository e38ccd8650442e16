import { archiveKeyOf, manifestKeyOf, sumsKeyOf } from '#controller/artifacts';
import {
  cachesAndSources,
  filesWithBlobs,
  knownSteps,
  statesOfArtifacts,
  type Artifact,
  type Db,
} from '#controller/store';

/** Beginnings of the keys that Footman gives; whatever else is in the storage is not its own, and is never touched. */
export const PREFIXES = ['artifacts/', 'caches/', 'logs/', 'probe/', 'sources/'] as const;

/** Those of the objects that no row has, and none is about to have. */
export async function keysWithoutRows(db: Db, keys: readonly string[]): Promise<string[]> {
  const living = new Set(await cachesAndSources(db, keys));
  for (const key of await livingLogs(db, keys)) living.add(key);
  const rest = keys.filter((key) => key.startsWith('artifacts/') && !living.has(key));
  for (const key of await livingOfArtifacts(db, rest)) living.add(key);
  return keys.filter((key) => !living.has(key));
}

/** `logs/BUILD/JOB/STEP.log.zst`: that of a step that is there. */
async function livingLogs(db: Db, keys: readonly string[]): Promise<string[]> {
  const byStep = Map.groupBy(
    keys.filter((key) => key.startsWith('logs/')),
    (key) => key.split('/').at(3)?.split('.').at(0) ?? '',
  );
  const known = await knownSteps(db, [...byStep.keys()], { isOpen: false });
  return known.flatMap((id) => byStep.get(id) ?? []);
}

/** `artifacts/ID/…`, where the id is that of an artifact, or of a step that saves a cache. */
async function livingOfArtifacts(db: Db, keys: readonly string[]): Promise<string[]> {
  const byOwner = Map.groupBy(keys, (key) => key.split('/').at(1) ?? '');
  const artifacts = await statesOfArtifacts(db, [...byOwner.keys()]);
  const steps = [...byOwner.keys()].filter((id) => !artifacts.has(id));
  const living = (await knownSteps(db, steps, { isOpen: true })).flatMap((id) => byOwner.get(id) ?? []);
  for (const [id, artifact] of artifacts)
    living.push(...(await livingOf(db, id, artifact, byOwner.get(id) ?? [])));
  return living;
}

async function livingOf(
  db: Db,
  id: string,
  { state, archive }: Pick<Artifact, 'state' | 'archive'>,
  keys: readonly string[],
): Promise<readonly string[]> {
  switch (state) {
    case 'pending':
    case 'collecting':
    case 'waiting':
    case 'expiring':
      return keys;
    case 'complete': {
      const own = [
        manifestKeyOf(id),
        sumsKeyOf(id),
        ...(archive === null ? [] : [archive, archiveKeyOf(id)]),
      ];
      const rest = keys.filter((key) => !own.includes(key));
      return [...own, ...(rest.length === 0 ? [] : await filesWithBlobs(db, id, rest))];
    }
    case 'empty':
    case 'failed':
    case 'expired':
      return [];
  }
}
