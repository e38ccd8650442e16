import type { DialectName } from '../../db.ts';

export function logStatements(_dialect: DialectName): string[] {
  return [];
}
