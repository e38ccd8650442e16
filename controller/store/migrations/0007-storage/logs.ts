import type { DialectName } from '../../db.ts';
import { integer } from '../dialect.ts';

export function logStatements(dialect: DialectName): string[] {
  return [
    `alter table steps add column archived_bytes ${integer(dialect)}`,
    // Logs that are on a controller's disk still; none but those of the last hours.
    `create index steps_unarchived on steps (finished_at, id)
      where state = 'finished' and started_at is not null and archived_bytes is null`,
  ];
}
