import { sql } from 'kysely';
import type { StateCount } from './counts.ts';
import type { Db } from './db.ts';
import type { StreamKind } from './schema.ts';

/** Versions that clouds may still hold, by state. */
export function countVersions(db: Db): Promise<StateCount[]> {
  return db
    .selectFrom('image_versions')
    .select('state')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '<>', sql.lit('deleted'))
    .groupBy('state')
    .orderBy('state')
    .execute();
}

/** What they take, by the kind of their streams, in bytes. */
export async function bytesOfVersions(db: Db): Promise<{ kind: StreamKind; bytes: number }[]> {
  const rows = await db
    .selectFrom('image_versions')
    .innerJoin('image_streams', (join) =>
      join
        .onRef('image_streams.name', '=', 'image_versions.stream')
        .onRef('image_streams.cloud', '=', 'image_versions.cloud'),
    )
    .select('image_streams.kind')
    // PostgreSQL's sum of integers is a number of any length, which comes as text.
    .select(({ fn }) => fn.sum<string | number | null>('image_versions.bytes').as('bytes'))
    .where('image_versions.state', '<>', sql.lit('deleted'))
    .groupBy('image_streams.kind')
    .orderBy('image_streams.kind')
    .execute();
  return rows.map(({ kind, bytes }) => ({ kind, bytes: Number(bytes) }));
}
