import type { DialectName } from '../db.ts';

/** Times and counts: 64 bits. */
export function integer(dialect: DialectName): string {
  return dialect === 'sqlite' ? 'integer' : 'bigint';
}

/** SQLite would otherwise store any value in any column. */
export function end(dialect: DialectName): string {
  return dialect === 'sqlite' ? ') strict' : ')';
}
