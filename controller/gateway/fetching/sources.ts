import type { Artifact, ArtifactSource } from '#controller/store';
import type { Fetch } from '#shared/pipeline';

/** An artifact to be brought into the workspace. */
export interface Taken {
  artifact: Artifact;
  /** Key of its job. */
  job: string;
  /** Where to; null for the workspace itself. */
  path: string | null;
}

/** What a step takes; or what it has to wait for, or why it can't have it, as a sentence. */
export type Choice =
  { kind: 'taken'; taken: Taken[] } | { kind: 'wait'; reason: string } | { kind: 'none'; reason: string };

/**
 * The artifacts that a step asks for. One lands in the folder itself; where a step without a name finds several, each has a folder of its name,
 * and where the job has a matrix, below a folder of its cell's key.
 */
export function choose(fetch: Fetch, sources: readonly ArtifactSource[]): Choice {
  const { from, artifact: wanted } = fetch;
  const found = sources.flatMap(({ key, matrix, artifacts }) =>
    artifacts
      .filter(({ name }) => wanted === undefined || name === wanted)
      .map((artifact) => {
        const isOnly = wanted !== undefined || artifacts.length === 1;
        const folders = matrix !== null ? [folderOf(key), artifact.name] : isOnly ? [] : [artifact.name];
        return { artifact, job: key, path: join(fetch.path, folders) };
      }),
  );
  if (found.length === 0) return { kind: 'none', reason: noneOf(fetch, sources) };
  const bad = found.find(({ artifact }) => BAD.has(artifact.state));
  if (bad !== undefined) return { kind: 'none', reason: told(bad) };
  const open = found.find(({ artifact }) => artifact.state === 'waiting');
  if (open !== undefined) return { kind: 'wait', reason: told(open) };
  const taken = found.filter(({ artifact }) => artifact.state === 'complete');
  if (taken.length > 0) return { kind: 'taken', taken: apart(taken) };
  const which =
    wanted === undefined ? `all artifacts of ${from} are empty` : `artifact ${wanted} of ${from} is empty`;
  return { kind: 'none', reason: which };
}

/** Nobody will have these. A job that has ended leaves none that are still to come. */
const BAD: ReadonlySet<Artifact['state']> = new Set([
  'pending',
  'collecting',
  'failed',
  'expiring',
  'expired',
]);

function told({ artifact: { name, state, reason }, job }: Taken): string {
  return `artifact ${name} of ${job} is ${state}${reason === null ? '' : `: ${reason}`}`;
}

function noneOf({ from, artifact: wanted }: Fetch, sources: readonly ArtifactSource[]): string {
  if (sources.length === 0) return `this build has no job ${from}`;
  const names = [...new Set(sources.flatMap(({ artifacts }) => artifacts.map(({ name }) => name)))];
  if (wanted === undefined || names.length === 0) return `${from} has no artifacts`;
  return `${from} has no artifact ${wanted}; it has ${names.join(', ')}`;
}

/** A key is any line of text, a folder's name is not. */
function folderOf(key: string): string {
  const safe = key.replaceAll(/[/\\\p{Cc}]/gu, '-').slice(0, 200);
  return safe.toWellFormed();
}

/** Of keys that read alike as folders, each has one of its own all the same. */
function apart(taken: readonly Taken[]): Taken[] {
  const used = new Map<string | null, number>();
  return taken.map((one) => {
    const count = (used.get(one.path) ?? 0) + 1;
    used.set(one.path, count);
    return count === 1 ? one : { ...one, path: `${one.path ?? '.'} #${count}` };
  });
}

function join(path: string | undefined, folders: readonly string[]): string | null {
  const all = [...(path === undefined || path === '.' ? [] : [path]), ...folders];
  return all.length === 0 ? null : all.join('/');
}
