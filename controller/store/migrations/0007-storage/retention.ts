import type { DialectName } from '../../db.ts';

export function retentionStatements(_dialect: DialectName): string[] {
  return [];
}
