import type { DialectName } from '../../db.ts';

export function queryStatements(_dialect: DialectName): string[] {
  return [];
}
