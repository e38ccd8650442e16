import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** What every statement takes first: the store's own, or that of a transaction. */
export type Db = Kysely<Database>;

export type DialectName = 'sqlite' | 'postgres';
