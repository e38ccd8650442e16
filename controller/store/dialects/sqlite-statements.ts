import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { jsonColumns } from '../json.ts';

/** A prepared statement, and what is known of its result. */
export interface Prepared {
  statement: StatementSync;
  returnsRows: boolean;
  jsonColumns: string[];
}

/** More than the controller has; a bound all the same, for texts that grow with the number of rows or states that they name. */
const CAPACITY = 512;

/** Prepared statements by their text; beyond `CAPACITY`, the one that was not used for longest goes. */
export function createStatementCache(database: DatabaseSync): (text: string) => Prepared {
  const cache = new Map<string, Prepared>();

  return function prepare(text) {
    const prepared = cache.get(text) ?? prepareStatement(database, text);
    cache.delete(text);
    cache.set(text, prepared);
    if (cache.size > CAPACITY) {
      const [oldest] = cache.keys();
      if (oldest !== undefined) cache.delete(oldest);
    }
    return prepared;
  };
}

function prepareStatement(database: DatabaseSync, text: string): Prepared {
  const statement = database.prepare(text);
  const columns = statement.columns().map((column) => column.name);
  return { statement, returnsRows: columns.length > 0, jsonColumns: jsonColumns(columns) };
}
