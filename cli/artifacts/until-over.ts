import type { Artifact } from '#controller/api';
import type { Client } from '../client/index.ts';
import type { Chosen } from './choose.ts';
import { isOver } from './is-over.ts';

/** Resolves with the artifacts as they are once each of them is complete, or will never be. */
export async function untilOver(
  client: Pick<Client, 'artifacts' | 'eventsOfBuild'>,
  buildId: string,
  chosen: readonly Chosen[],
  signal: AbortSignal,
): Promise<Chosen[]> {
  const open = new Set(chosen.filter(({ artifact }) => !isOver(artifact)).map(({ artifact }) => artifact.id));
  if (open.size === 0) return [...chosen];
  const enough = new AbortController();
  // All events since the beginning: what has happened meanwhile is among them.
  for await (const { kind, data } of client.eventsOfBuild(
    buildId,
    AbortSignal.any([signal, enough.signal]),
  )) {
    if (kind !== 'artifact') continue;
    const { id, state } = data as Pick<Artifact, 'id' | 'state'>;
    if (isOver({ state })) open.delete(id);
    if (open.size === 0) break;
  }
  enough.abort();
  const over: Chosen[] = [];
  for (const { job, artifact } of chosen)
    over.push({ job, artifact: await client.artifacts.show(artifact.id) });
  return over;
}
