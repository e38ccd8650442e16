import { sql } from 'kysely';
import type { Db, DialectName } from '#controller/store';

/** Rows of each table that have ended: what a controller has after some weeks. */
const ROWS = 5_000;

const IDS = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${ROWS})`;

/** Fills the tables with what is past. PostgreSQL takes its statistics, as it does by itself in time; SQLite never does. */
export async function addHistory(db: Db, dialect: DialectName): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  if (dialect === 'postgres') await sql.raw('analyze').execute(db);
}

const STATEMENTS = [
  `insert into builds (id, number, pipeline, file, state, definition, created_at, project_id, finished_at)
    ${IDS} select 'b' || i, i + 100000, 'p', 'f', 'finished', '{}', i, 'project', i from n`,
  `insert into jobs (id, build_id, key, base, name, position, state, state_since, runs_on, needs, spec, attempt, superseded, priority,
      continue_on_error, timeout_ms, queue_timeout_ms, queued_at)
    ${IDS} select 'j' || i, 'b' || i, 'k', 'k', 'k', 0, 'finished', i, 'linux', '[]', '{}', 1, 0, 50, 0, 1, 1, i from n`,
  `insert into steps (id, job_id, position, name, spec, state, log_bytes, log_lines, started_at, finished_at, archived_bytes)
    ${IDS} select 's' || i, 'j' || i, 0, 'n', '{}', 'finished', 1, 1, i, i, 1 from n`,
  `insert into artifacts (id, job_id, position, name, state, files, bytes, created_at, finished_at)
    ${IDS} select 'a' || i, 'j' || i, 0, 'out', 'complete', 1, 1, i, i from n`,
  `insert into job_terms (job_id, term) ${IDS} select 'j' || i, 'pipeline:p' from n`,
  `insert into node_requests (id, job_id, role, runs_on, state, state_since, declines, created_at)
    ${IDS} select 'r' || i, 'j' || i, 'main', 'linux', 'fulfilled', i, '[]', i from n`,
  `insert into nodes (id, cloud, template, request_id, labels, state, state_since, session_epoch, removal_failures, created_at, leased_at)
    ${IDS} select 'n' || i, 'c', 't', 'r' || i, '[]', 'deleted', i, 1, 0, i, i from n`,
  `insert into leases (id, job_id, epoch, state, created_at, ended_at)
    ${IDS} select 'l' || i, 'j' || i, 1, 'ended', i, i from n`,
  `insert into lease_nodes (node_id, lease_id, role) ${IDS} select 'n' || i, 'l' || i, 'main' from n`,
  `insert into leaks (id, cloud, resource, node_id, kind, reason, found_at, removed_at)
    ${IDS} select 'k' || i, 'c', 'x' || i, 'n' || i, 'node', 'lost', i, i from n`,
];
