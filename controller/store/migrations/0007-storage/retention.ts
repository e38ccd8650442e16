import type { DialectName } from '../../db.ts';
import { integer } from '../dialect.ts';

export function retentionStatements(dialect: DialectName): string[] {
  const blob = dialect === 'sqlite' ? `json_extract(source, '$.blob')` : `source::json ->> 'blob'`;
  return [
    `alter table builds add column pinned_by text`,
    `alter table builds add column pinned_at ${integer(dialect)}`,
    `alter table builds add column pin_reason text`,
    `alter table builds add column deleting_at ${integer(dialect)}`,
    `alter table builds add column source_blob text`,
    `update builds set source_blob = ${blob} where source is not null`,
    `create index builds_deleting on builds (deleting_at, id) where deleting_at is not null`,
    `create index builds_of_source on builds (source_blob) where source_blob is not null`,
    `create index jobs_reused on jobs (reused_from) where reused_from is not null`,
    `create index artifacts_by_age on artifacts (finished_at) where state = 'complete' and expires_at is null`,
    `create index caches_of_blob on caches (blob)`,
  ];
}
