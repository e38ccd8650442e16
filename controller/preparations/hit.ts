import type { Tx } from '#controller/events';
import {
  findStream,
  lockStream,
  patchStream,
  type Db,
  type ImageStream,
  type ImageVersion,
} from '#controller/store';
import type { Prepare } from '#shared/pipeline';
import { rootOf, type Candidate } from './candidates.ts';
import type { Plan } from './plan.ts';
import { streamName } from './stream-name.ts';
import { usableVersion } from './usable-version.ts';

/** An image that has what is wanted. */
export interface Hit {
  candidate: Candidate;
  scope: string;
  stream: ImageStream;
  version: ImageVersion;
  /** Past its time it still serves for a while, and is made anew. */
  isFresh: boolean;
}

/** How old an image may be. */
export type Ages = Pick<Prepare, 'ttlMs' | 'maxStaleMs'>;

/** The nearest image of the candidate with the first steps of the recipe, so many of them. */
export async function findHit(
  db: Db,
  { recipe, scopes }: Plan,
  candidate: Candidate,
  steps: number,
  ages: Ages,
  at: number,
): Promise<Hit | undefined> {
  const { cloud } = candidate.template;
  for (const scope of scopes) {
    for (const base of [candidate.base, candidate.alias]) {
      if (base === null) continue;
      const name = streamName({ scope, cloud, base }, recipe, steps);
      const stream = await findStream(db, { name, cloud });
      const version = stream && (await usableVersion(db, stream));
      if (stream === undefined || version === undefined) continue;
      if (base === candidate.alias && (await rootOf(db, version.id)) !== candidate.base) continue;
      const age = at - (stream.promoted_at ?? 0);
      if (age < ages.ttlMs + ages.maxStaleMs)
        return { candidate, scope, stream, version, isFresh: age < ages.ttlMs };
    }
  }
  return undefined;
}

/** Sees to it that the image stays until the commit that needs it is made; false where it went meanwhile. */
export async function keep(tx: Tx, { stream, version }: Hit): Promise<boolean> {
  const still = await lockStream(tx.db, stream);
  const current = still && (await usableVersion(tx.db, still));
  if (current?.id !== version.id) return false;
  await patchStream(tx.db, stream, { used_at: tx.at });
  return true;
}
