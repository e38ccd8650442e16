import type { DialectName } from '../db.ts';
import { end, integer } from './dialect.ts';
import type { Migration } from './migration.ts';

/** Matrix cells, retries, conditions, concurrency, secrets, projects and what starts their builds. */
export const pipelinesInFull: Migration = {
  number: 2,
  name: 'pipelines in full',
  // An older binary would take every attempt of a job for one that counts.
  breaking: true,
  statements: (dialect) => [
    ...builds(dialect),
    ...jobs(dialect),
    ...steps(dialect),
    ...projects(dialect),
    ...secrets(dialect),
    ...triggers(dialect),
    ...caches(dialect),
  ],
};

function builds(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `alter table builds add column project_id text`,
    `alter table builds add column trigger text not null default '{"event":"manual"}'`,
    `alter table builds add column parameters text not null default '{}'`,
    `alter table builds add column trust text not null default 'trusted'`,
    `alter table builds add column env text not null default '{}'`,
    `alter table builds add column concurrency_group text`,
    `alter table builds add column concurrency_limit ${int}`,
    `alter table builds add column admitted_at ${int}`,
    `alter table builds add column rerun_of text`,
    `update builds set admitted_at = created_at`,
    `create index builds_of_project on builds (project_id, number) where project_id is not null`,
    `create index builds_in_group on builds (concurrency_group, number)
      where concurrency_group is not null and state <> 'finished'`,
    `create table concurrency_groups (
      name text primary key,
      touched_at ${int} not null
    ${end(dialect)}`,
  ];
}

const JOB_COLUMNS =
  'id, build_id, key, name, position, state, state_since, result, reason, runs_on, needs, spec, attempt, ' +
  'timeout_ms, queue_timeout_ms, cancel_requested_at, queued_at, started_at, finished_at';

/** A key may come again with the next attempt. SQLite can't take a constraint away, so the table is made anew; `migrate.ts` sees to the keys that point at it. */
function jobs(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `create table jobs_with_attempts (
      id text primary key,
      build_id text not null references builds (id) on delete cascade,
      key text not null,
      base text not null,
      matrix text,
      name text not null,
      position ${int} not null,
      state text not null,
      state_since ${int} not null,
      result text,
      reason text,
      runs_on text not null,
      needs text not null,
      spec text not null,
      resolved text,
      outputs text,
      attempt ${int} not null,
      superseded ${int} not null,
      not_before ${int},
      priority ${int} not null,
      rank ${int},
      continue_on_error ${int} not null,
      concurrency_group text,
      concurrency_limit ${int},
      reused_from text,
      timeout_ms ${int} not null,
      queue_timeout_ms ${int} not null,
      cancel_requested_at ${int},
      queued_at ${int},
      started_at ${int},
      finished_at ${int},
      unique (build_id, key, attempt)
    ${end(dialect)}`,
    `insert into jobs_with_attempts (${JOB_COLUMNS}, base, superseded, priority, rank, continue_on_error, resolved)
      select ${JOB_COLUMNS}, key, 0, 50, queued_at, 0, '{"env":{}}' from jobs`,
    ...(dialect === 'sqlite'
      ? [`drop table jobs`]
      : [
          `alter table steps drop constraint steps_job_id_fkey`,
          `alter table node_requests drop constraint node_requests_job_id_fkey`,
          `alter table leases drop constraint leases_job_id_fkey`,
          `alter table artifacts drop constraint artifacts_job_id_fkey`,
          `drop table jobs`,
        ]),
    `alter table jobs_with_attempts rename to jobs`,
    ...(dialect === 'sqlite'
      ? []
      : ['steps', 'node_requests', 'leases', 'artifacts'].map(
          (table) =>
            `alter table ${table} add constraint ${table}_job_id_fkey
              foreign key (job_id) references jobs (id) on delete cascade`,
        )),
    `create index jobs_of_build on jobs (build_id, position, attempt)`,
    `create index jobs_unfinished on jobs (state) where state <> 'finished'`,
    `create index jobs_queued on jobs (rank) where state = 'queued'`,
    `create index jobs_delayed on jobs (not_before) where state = 'blocked' and not_before is not null`,
    `create index jobs_in_group on jobs (concurrency_group)
      where concurrency_group is not null and state <> 'finished'`,
  ];
}

function steps(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `alter table steps add column phase text not null default 'main'`,
    `alter table steps add column continue_on_error ${int} not null default 0`,
    `alter table steps add column hashes text`,
  ];
}

function projects(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `create table projects (
      id text primary key,
      name text not null unique,
      provider text not null,
      repository text not null,
      api_url text,
      default_branch text not null,
      pipelines text not null,
      token_secret text,
      ssh_key_secret text,
      webhook_secret text,
      known_hosts text,
      depth ${int},
      created_at ${int} not null
    ${end(dialect)}`,
  ];
}

function secrets(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `create table secrets (
      id text primary key,
      scope text not null,
      name text not null,
      key_id text not null,
      sealed text not null,
      debug text not null,
      created_at ${int} not null,
      updated_at ${int} not null,
      unique (scope, name)
    ${end(dialect)}`,
  ];
}

function triggers(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `create table deliveries (
      id text primary key,
      project_id text not null references projects (id) on delete cascade,
      delivery text not null,
      digest text not null,
      event text not null,
      payload text not null,
      state text not null,
      reason text,
      attempts ${int} not null,
      due_at ${int} not null,
      received_at ${int} not null,
      processed_at ${int},
      unique (project_id, delivery),
      unique (project_id, digest)
    ${end(dialect)}`,
    `create index deliveries_received on deliveries (due_at) where state = 'received'`,
    `create index deliveries_of_project on deliveries (project_id, id)`,
    `create table schedules (
      id text primary key,
      project_id text not null references projects (id) on delete cascade,
      file text not null,
      cron text not null,
      timezone text not null,
      next_at ${int} not null,
      last_at ${int},
      unique (project_id, file, cron, timezone)
    ${end(dialect)}`,
    `create index schedules_next on schedules (next_at)`,
    `create table commit_statuses (
      id text primary key,
      project_id text not null references projects (id) on delete cascade,
      sha text not null,
      context text not null,
      build_id text references builds (id) on delete cascade,
      number ${int} not null,
      wanted text not null,
      description text not null,
      told text,
      failures ${int} not null,
      problem text,
      due_at ${int},
      unique (project_id, sha, context)
    ${end(dialect)}`,
    `create index commit_statuses_due on commit_statuses (project_id, due_at) where due_at is not null`,
    `create index commit_statuses_of_build on commit_statuses (build_id) where build_id is not null`,
    `create index commit_statuses_unended on commit_statuses (build_id) where wanted in ('pending', 'running')`,
    `create index builds_of_projects_finished on builds (finished_at)
      where project_id is not null and state = 'finished'`,
  ];
}

function caches(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `create table caches (
      id text primary key,
      scope text not null,
      key text not null,
      version text not null,
      blob text not null,
      bytes ${int} not null,
      sha256 text not null,
      created_at ${int} not null,
      used_at ${int} not null,
      unique (scope, version, key)
    ${end(dialect)}`,
    `create index caches_newest on caches (scope, version, created_at)`,
    `create index caches_unused on caches (used_at)`,
  ];
}
