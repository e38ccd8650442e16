import type { DialectName } from '../db.ts';
import { end, integer } from './dialect.ts';
import type { Migration } from './migration.ts';

/** Pools, health checks, hosts, cordons, shares of projects, and what the sweep found. */
export const provisioning: Migration = {
  number: 3,
  name: 'provisioning',
  // An older binary would lease nodes that were cordoned, and forget the hosts that nodes have.
  breaking: true,
  statements: (dialect) => [
    ...queue(),
    ...requests(),
    ...nodes(dialect),
    ...keeping(dialect),
    ...projects(dialect),
  ],
};

/** A point of priority was worth a minute and is worth six: those who wait keep their place among those who come. */
function queue(): string[] {
  return [`update jobs set rank = queued_at - priority * 360000 where state = 'queued'`];
}

/**
 * Declines get a code. They are changed as text, which both databases do alike: within a JSON string every quote has a backslash, so that no
 * reason can look like the end of one.
 */
function requests(): string[] {
  return [
    `alter table node_requests add column cloud text`,
    `alter table node_requests add column template text`,
    `update node_requests set declines =
      replace(replace(replace(declines,
        '","final":true,', '","code":"refused","final":true,'),
        '","final":false,', '","code":"failed","final":false,'),
        ' nodes","code":"failed",', ' nodes","code":"quota",')
      where declines <> '[]'`,
    // Raised by whoever plans launches, so that of two who plan at once one plans anew.
    `insert into counters (name, last) values ('plan', 0)`,
  ];
}

function nodes(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `alter table nodes add column template_digest text not null default ''`,
    `alter table nodes add column image text`,
    `alter table nodes add column host text`,
    `alter table nodes add column failure text`,
    `alter table nodes add column hedge ${int} not null default 0`,
    `alter table nodes add column cordoned text`,
    `alter table nodes add column stopped_at ${int}`,
    `alter table nodes add column requested_at ${int}`,
    `alter table nodes add column checked_at ${int}`,
    // What a template's figures are taken from: its newest nodes. Ids sort by the time of their making.
    `create index nodes_of_template on nodes (cloud, template, id)`,
    `create table node_reports (
      node_id text not null references nodes (id) on delete cascade,
      kind text not null,
      at ${int} not null,
      text text not null,
      primary key (node_id, kind)
    ${end(dialect)}`,
    `create index node_reports_by_age on node_reports (kind, at)`,
  ];
}

function keeping(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `create table cordons (
      target text primary key,
      reason text not null,
      actor text not null,
      at ${int} not null
    ${end(dialect)}`,
    `create table hosts (
      cloud text not null,
      name text not null,
      state text not null,
      state_since ${int} not null,
      reason text,
      node_id text,
      failures ${int} not null,
      due_at ${int},
      primary key (cloud, name)
    ${end(dialect)}`,
    `create table leaks (
      id text primary key,
      cloud text not null,
      resource text not null,
      node_id text not null,
      kind text not null,
      reason text not null,
      found_at ${int} not null,
      removed_at ${int}
    ${end(dialect)}`,
    // One that is not yet gone is noted once, however often it is found.
    `create unique index leaks_open on leaks (cloud, resource) where removed_at is null`,
  ];
}

function projects(dialect: DialectName): string[] {
  const int = integer(dialect);
  return [
    `alter table projects add column share ${int} not null default 1`,
    `alter table projects add column max_nodes ${int}`,
    // What arrival rates are learned from.
    `create index jobs_by_arrival on jobs (queued_at) where queued_at is not null and attempt = 1`,
  ];
}
