import type { DialectName } from '../../db.ts';

export function testStatements(_dialect: DialectName): string[] {
  return [];
}
