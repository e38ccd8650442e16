import type { DialectName } from '../../db.ts';
import { end, integer } from '../dialect.ts';

export function artifactStatements(dialect: DialectName): string[] {
  return [
    `alter table artifacts add column role text not null default 'artifact'`,
    `alter table artifacts add column stored_bytes ${integer(dialect)} not null default 0`,
    `alter table artifacts add column archive text`,
    `alter table artifacts add column archive_sha256 text`,
    `alter table artifacts add column expires_at ${integer(dialect)}`,
    `alter table artifacts add column waits_until ${integer(dialect)}`,
    `alter table artifacts add column read_at ${integer(dialect)}`,
    `update artifacts set stored_bytes = bytes`,
    `alter table artifact_files add column link text`,
    `alter table artifact_files add column tar_offset ${integer(dialect)}`,
    `create table uploads (
      artifact_id text not null,
      path text not null,
      blob text not null,
      upload text not null,
      bytes ${integer(dialect)} not null,
      part_bytes ${integer(dialect)} not null,
      created_at ${integer(dialect)} not null,
      primary key (artifact_id, path)
    ${end(dialect)}`,
    `create index artifacts_waiting on artifacts (job_id) where state = 'waiting'`,
    `create index artifacts_unread on artifacts (id) where role = 'junit' and state = 'complete' and read_at is null`,
    `create index artifacts_expiry on artifacts (expires_at) where state = 'complete' and expires_at is not null`,
    `create index artifacts_expiring on artifacts (id) where state = 'expiring'`,
  ];
}
