import type { DialectName } from '../db.ts';
import { end, integer } from './dialect.ts';
import type { Migration } from './migration.ts';

/**
 * The tables as `schema.ts` describes them. The indexes of the loops are partial: they hold live rows only, so that a loop costs the same
 * however much history there is. SQLite uses such an index only where the query repeats its condition: it draws no conclusions.
 */
export const initial: Migration = {
  number: 1,
  name: 'initial',
  breaking: false,
  statements: (dialect) => [
    ...general(dialect),
    ...builds(dialect),
    ...nodes(dialect),
    ...artifacts(dialect),
    ...events(dialect),
  ],
};

function general(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `create table meta (
      key text primary key,
      value text not null
    ${end(dialect)}`,
    `create table counters (
      name text primary key,
      last ${int} not null
    ${end(dialect)}`,
    `insert into counters (name, last) values ('build', 0)`,
    `create table loop_leases (
      loop text primary key,
      holder text not null,
      expires_at ${int} not null
    ${end(dialect)}`,
  ];
}

function builds(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `create table builds (
      id text primary key,
      number ${int} not null unique,
      pipeline text not null,
      file text not null,
      state text not null,
      result text,
      reason text,
      definition text not null,
      source text,
      timeout_ms ${int},
      cancel_requested_at ${int},
      created_at ${int} not null,
      started_at ${int},
      finished_at ${int}
    ${end(dialect)}`,
    `create index builds_by_pipeline on builds (pipeline, number)`,
    `create index builds_unfinished on builds (number) where state <> 'finished'`,

    `create table jobs (
      id text primary key,
      build_id text not null references builds (id) on delete cascade,
      key text not null,
      name text not null,
      position ${int} not null,
      state text not null,
      state_since ${int} not null,
      result text,
      reason text,
      runs_on text not null,
      needs text not null,
      spec text not null,
      attempt ${int} not null,
      timeout_ms ${int} not null,
      queue_timeout_ms ${int} not null,
      cancel_requested_at ${int},
      queued_at ${int},
      started_at ${int},
      finished_at ${int},
      unique (build_id, key)
    ${end(dialect)}`,
    `create index jobs_of_build on jobs (build_id, position)`,
    `create index jobs_unfinished on jobs (state) where state <> 'finished'`,
    `create index jobs_queued on jobs (queued_at) where state = 'queued'`,

    `create table steps (
      id text primary key,
      job_id text not null references jobs (id) on delete cascade,
      position ${int} not null,
      name text not null,
      spec text not null,
      state text not null,
      result text,
      exit_code ${int},
      signal text,
      message text,
      outputs text,
      log_bytes ${int} not null,
      log_lines ${int} not null,
      started_at ${int},
      finished_at ${int},
      unique (job_id, position)
    ${end(dialect)}`,
  ];
}

function nodes(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `create table node_requests (
      id text primary key,
      job_id text references jobs (id) on delete cascade,
      role text not null,
      runs_on text not null,
      state text not null,
      state_since ${int} not null,
      declines text not null,
      reason text,
      created_at ${int} not null
    ${end(dialect)}`,
    `create index node_requests_of_job on node_requests (job_id)`,
    `create index node_requests_open on node_requests (created_at) where state in ('requested', 'pending')`,

    `create table nodes (
      id text primary key,
      cloud text not null,
      template text not null,
      request_id text references node_requests (id) on delete set null,
      labels text not null,
      state text not null,
      state_since ${int} not null,
      reason text,
      resource text,
      facts text,
      bootstrap_used_at ${int},
      session_epoch ${int} not null,
      disconnected_at ${int},
      removal_failures ${int} not null,
      removal_due_at ${int},
      created_at ${int} not null,
      launched_at ${int},
      connected_at ${int},
      ready_at ${int},
      leased_at ${int},
      deleted_at ${int}
    ${end(dialect)}`,
    `create index nodes_of_request on nodes (request_id) where request_id is not null`,
    `create index nodes_live on nodes (state) where state <> 'deleted'`,

    `create table leases (
      id text primary key,
      job_id text not null references jobs (id) on delete cascade,
      epoch ${int} not null,
      state text not null,
      created_at ${int} not null,
      ended_at ${int},
      unique (job_id, epoch)
    ${end(dialect)}`,
    `create unique index leases_active on leases (job_id) where state = 'active'`,

    // The primary key is I1: whatever the code does, a node gets one lease in its life.
    `create table lease_nodes (
      node_id text primary key references nodes (id) on delete cascade,
      lease_id text not null references leases (id) on delete cascade,
      role text not null
    ${end(dialect)}`,
    `create index nodes_of_lease on lease_nodes (lease_id)`,
  ];
}

function artifacts(dialect: DialectName): string[] {
  const int = integer(dialect);
  // Listings page by path: both databases must agree on the order, whatever the locale.
  const path = dialect === 'sqlite' ? 'text' : 'text collate "C"';
  return [
    `create table artifacts (
      id text primary key,
      job_id text not null references jobs (id) on delete cascade,
      position ${int} not null,
      name text not null,
      state text not null,
      reason text,
      files ${int} not null,
      bytes ${int} not null,
      created_at ${int} not null,
      finished_at ${int}
    ${end(dialect)}`,
    `create index artifacts_of_job on artifacts (job_id, position)`,
    `create table artifact_files (
      artifact_id text not null references artifacts (id) on delete cascade,
      path ${path} not null,
      bytes ${int} not null,
      sha256 text not null,
      mode ${int} not null,
      blob text not null,
      primary key (artifact_id, path)
    ${end(dialect)}`,
  ];
}

/**
 * Readers follow the events by `seq`, so its order must be the order of commits. SQLite has one writer at a time. PostgreSQL's sequences
 * alone would not do: a transaction that drew 7 may commit after one that drew 8, and whoever had read up to 8 would never see 7. So the
 * number is drawn under a lock that is held until the commit.
 */
function events(dialect: DialectName): string[] {
  const int = integer(dialect);
  const seq =
    dialect === 'sqlite'
      ? 'seq integer primary key autoincrement'
      : 'seq bigint primary key default next_event_seq()';
  return [
    ...(dialect === 'sqlite' ? [] : [`create sequence event_seq`, NEXT_EVENT_SEQ]),
    `create table events (
      ${seq},
      at ${int} not null,
      kind text not null,
      build_id text references builds (id) on delete cascade,
      job_id text,
      node_id text,
      data text not null
    ${end(dialect)}`,
    `create index events_of_build on events (build_id, seq) where build_id is not null`,
  ];
}

/** The lock's number is arbitrary; `migrate.ts` has another. */
const NEXT_EVENT_SEQ = `
  create function next_event_seq() returns bigint language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(7311002);
    return nextval('event_seq');
  end
  $$`;
