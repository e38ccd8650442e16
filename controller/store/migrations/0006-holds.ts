import { end, integer } from './dialect.ts';
import type { Migration } from './migration.ts';

/** Holds of nodes, the keys that open them, standing rules, sessions, and who did what. */
export const holds: Migration = {
  number: 6,
  name: 'holds',
  // An older binary knows no expiry: what is held would stay for ever.
  breaking: true,
  statements: (dialect) => [
    `create table holds (
      id text primary key not null,
      state text not null,
      state_since ${integer(dialect)} not null,
      outcome text,
      origin text not null,
      owner text not null,
      reason text,
      node_id text not null,
      cloud text not null,
      template text not null,
      build_id text not null,
      job_id text not null,
      scene_job_id text not null,
      wanted_ms ${integer(dialect)},
      admitted ${integer(dialect)} not null default 0,
      expires_at ${integer(dialect)},
      latest_at ${integer(dialect)},
      reminded_for ${integer(dialect)},
      used_at ${integer(dialect)},
      version_id text,
      resumes text,
      created_at ${integer(dialect)} not null
    ${end(dialect)}`,
    `create unique index holds_node on holds (node_id)`,
    `create index holds_live on holds (id) where state = 'held'`,
    `create index holds_job on holds (job_id)`,
    `create index holds_version on holds (version_id) where version_id is not null`,
    `create table hold_keys (
      id text primary key not null,
      hold_id text not null,
      fingerprint text not null,
      key text not null,
      comment text not null,
      login text,
      added_by text not null,
      added_at ${integer(dialect)} not null,
      revoked_by text,
      revoked_at ${integer(dialect)},
      placed text
    ${end(dialect)}`,
    `create index hold_keys_hold on hold_keys (hold_id, id)`,
    `create table user_keys (
      owner text not null,
      fingerprint text not null,
      key text not null,
      comment text not null,
      added_at ${integer(dialect)} not null,
      primary key (owner, fingerprint)
    ${end(dialect)}`,
    `create table autoholds (
      id text primary key not null,
      project text,
      pipeline text,
      job text,
      branch text,
      remaining ${integer(dialect)} not null,
      count ${integer(dialect)} not null,
      for_ms ${integer(dialect)},
      reason text,
      keys text not null,
      owner text not null,
      created_at ${integer(dialect)} not null,
      expires_at ${integer(dialect)} not null,
      ended_at ${integer(dialect)}
    ${end(dialect)}`,
    `create index autoholds_live on autoholds (id) where ended_at is null`,
    `create table hold_sessions (
      id text primary key not null,
      hold_id text not null,
      kind text not null,
      who text not null,
      peer text,
      detail text,
      started_at ${integer(dialect)} not null,
      ended_at ${integer(dialect)},
      recorded ${integer(dialect)}
    ${end(dialect)}`,
    `create index hold_sessions_hold on hold_sessions (hold_id, id)`,
    `create index hold_sessions_open on hold_sessions (id) where ended_at is null`,
    `create table hold_notices (
      id text primary key not null,
      hold_id text not null,
      notice text not null,
      attempts ${integer(dialect)} not null,
      due_at ${integer(dialect)},
      problem text,
      created_at ${integer(dialect)} not null
    ${end(dialect)}`,
    `create index hold_notices_due on hold_notices (due_at) where due_at is not null`,
    `create table audit (
      id text primary key not null,
      at ${integer(dialect)} not null,
      actor text not null,
      action text not null,
      subject text not null,
      data text not null
    ${end(dialect)}`,
    `create index audit_subject on audit (subject, id)`,
    `alter table jobs add column hold text`,
  ],
};
