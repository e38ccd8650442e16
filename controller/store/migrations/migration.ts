import type { DialectName } from '../db.ts';

/**
 * One step of the schema. Once released, it is never edited: a later one corrects it.
 *
 * `breaking` says whether binaries that don't know the migration must stay away. A new table, an index or a nullable column isn't;
 * a renamed column, or a new state of a life cycle, is.
 */
export interface Migration {
  number: number;
  name: string;
  breaking: boolean;
  statements: (dialect: DialectName) => string[];
}
