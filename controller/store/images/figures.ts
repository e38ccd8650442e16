import { sql } from 'kysely';
import type { StateCount } from '../counts.ts';
import type { Db } from '../db.ts';
import type { ImageStream, ImageVersion, StreamKind } from '../schema.ts';

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

/** A named stream and when its current version was made; that is null where it has none. */
export interface StreamAge {
  stream: Pick<ImageStream, 'name' | 'cloud' | 'refresh_after_ms' | 'created_at'>;
  current: Pick<ImageVersion, 'captured_at' | 'created_at'> | null;
}

export async function agesOfStreams(db: Db): Promise<StreamAge[]> {
  const rows = await db
    .selectFrom('image_streams as stream')
    .leftJoin('image_versions as version', 'version.id', 'stream.current')
    .select(['stream.name', 'stream.cloud', 'stream.refresh_after_ms', 'stream.created_at'])
    .select(['version.captured_at', 'version.created_at as made_at'])
    .where('stream.kind', '=', sql.lit('named'))
    .orderBy('stream.name')
    .orderBy('stream.cloud')
    .execute();
  return rows.map(({ captured_at: capturedAt, made_at: madeAt, ...stream }) => ({
    stream,
    current: madeAt === null ? null : { captured_at: capturedAt, created_at: madeAt },
  }));
}
