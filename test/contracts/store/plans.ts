import {
  activeLeases,
  arrivalsSince,
  artifactsToExpire,
  buildsInGroup,
  delayedJobs,
  deletingBuilds,
  jobsInGroup,
  waitingGroups,
  waitingJobGroups,
  countLiveByTemplate,
  countQueue,
  eventsAfter,
  expiringArtifacts,
  findArtifact,
  findJob,
  firstUnarchived,
  jobsInStates,
  jobsOnNodes,
  jobsWithRequests,
  listBuilds,
  listJobs,
  listTests,
  liveNodes,
  newestHoldings,
  newestLives,
  nextExpiry,
  nodesInStates,
  oldestUndated,
  openLeaks,
  openRequestRows,
  queuedJobs,
  queuedLabels,
  readyNodes,
  recentLaunches,
  requestsOfJob,
  unarchivedLogs,
  unfinishedBuilds,
  unreadReports,
  usageByProject,
  waitingArtifacts,
  waitingOnNode,
  type Db,
  type DialectName,
} from '#controller/store';
import {
  ExplainNode,
  RawNode,
  sql,
  type KyselyPlugin,
  type PluginTransformQueryArgs,
  type RootOperationNode,
} from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addHistory } from './history.ts';

/** What loops and followers read, and the index of live rows that each must use: an idle controller must not read its history. */
const READS: readonly [string, (db: Db) => Promise<unknown>, string][] = [
  ['unfinishedBuilds', unfinishedBuilds, 'builds_unfinished'],
  ['listBuilds of a state', (db) => listBuilds(db, { limit: 9, state: 'running' }), 'builds_unfinished'],
  ['listJobs of a state', (db) => listJobs(db, { limit: 9, state: 'running' }), 'jobs_unfinished'],
  ['listJobs of a label', (db) => listJobs(db, { limit: 9, labels: ['linux'] }), 'jobs_by_term'],
  [
    'listJobs of a label and a branch',
    (db) => listJobs(db, { limit: 9, labels: ['linux'], branch: 'main' }),
    'jobs_by_term',
  ],
  ['listJobs of a result', (db) => listJobs(db, { limit: 9, result: 'errored' }), 'jobs_by_result'],
  ['queuedJobs', (db) => queuedJobs(db, 9), 'jobs_queued'],
  ['jobsInStates', (db) => jobsInStates(db, ['blocked', 'running']), 'jobs_unfinished'],
  ['delayedJobs', delayedJobs, 'jobs_delayed'],
  ['arrivalsSince', (db) => arrivalsSince(db, 7, 9), 'jobs_by_arrival'],
  ['jobsInGroup', (db) => jobsInGroup(db, 'g'), 'jobs_in_group'],
  ['waitingJobGroups', waitingJobGroups, 'jobs_unfinished'],
  ['buildsInGroup', (db) => buildsInGroup(db, 'g'), 'builds_in_group'],
  ['waitingGroups', waitingGroups, 'builds_in_group'],
  ['activeLeases', activeLeases, 'leases_active'],
  ['usageByProject', usageByProject, 'leases_active'],
  ['openRequestRows', openRequestRows, 'node_requests_open'],
  ['jobsWithRequests', jobsWithRequests, 'node_requests_open'],
  ['liveNodes', liveNodes, 'nodes_live'],
  ['readyNodes', readyNodes, 'nodes_live'],
  ['nodesInStates', (db) => nodesInStates(db, ['failed', 'deleting']), 'nodes_live'],
  ['countLiveByTemplate', countLiveByTemplate, 'nodes_live'],
  ['recentLaunches', (db) => recentLaunches(db, 'c', 't', 9), 'nodes_of_template'],
  ['newestLives', (db) => newestLives(db, { cloud: 'c', template: 't' }, 9), 'nodes_of_template'],
  ['newestHoldings', (db) => newestHoldings(db, { cloud: 'c', template: 't' }, 9), 'nodes_of_template'],
  ['jobsOnNodes', jobsOnNodes, 'leases_active'],
  ['queuedLabels', queuedLabels, 'jobs_queued'],
  ['requestsOfJob', (db) => requestsOfJob(db, 'j'), 'node_requests_of_job'],
  ['countQueue', countQueue, 'jobs_queued'],
  ['openLeaks', (db) => openLeaks(db, 'c'), 'leaks_open'],
  ['firstUnarchived', firstUnarchived, 'steps_unarchived'],
  ['unarchivedLogs', (db) => unarchivedLogs(db, { before: 7, limit: 9 }), 'steps_unarchived'],
  ['waitingArtifacts', waitingArtifacts, 'artifacts_waiting'],
  ['waitingOnNode', (db) => waitingOnNode(db, 'n'), 'artifacts_waiting'],
  ['unreadReports', (db) => unreadReports(db, 9), 'artifacts_unread'],
  ['listTests that are flaky', (db) => listTests(db, { limit: 9, isFlaky: true }), 'test_branches_flaky'],
  ['listTests that fail', (db) => listTests(db, { limit: 9, isFailing: true }), 'test_branches_failing'],
  ['deletingBuilds', (db) => deletingBuilds(db, 9), 'builds_deleting'],
  ['expiringArtifacts', (db) => expiringArtifacts(db, 9), 'artifacts_expiring'],
  [
    'artifactsToExpire',
    (db) => artifactsToExpire(db, { now: 7, before: null, limit: 9 }),
    'artifacts_expiry',
  ],
  [
    'artifactsToExpire by age',
    (db) => artifactsToExpire(db, { now: 7, before: 1, limit: 9 }),
    'artifacts_by_age',
  ],
  ['nextExpiry', (db) => nextExpiry(db, 7), 'artifacts_expiry'],
  ['oldestUndated', (db) => oldestUndated(db, 7), 'artifacts_by_age'],
  ['eventsAfter of a build', (db) => eventsAfter(db, 7, { limit: 9, buildId: 'b' }), 'events_of_build'],
];

export function describePlans(context: Context): void {
  describe('reads live rows only', () => {
    test.each(READS)('%s', async (_, read, index) => {
      const { store } = context;
      const plan = await store.transaction(async (db) => {
        // PostgreSQL would rather scan the empty tables of a test.
        if (store.dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(db);
        return planOf(read, db, store.dialect);
      });
      expect(plan.join('\n')).toContain(index);
    });

    test('and none of them costs more for what is past', async () => {
      const { db, dialect } = context.store;
      await addHistory(db, dialect);
      const scansAll = dialect === 'sqlite' ? scansBeyond(await liveIndexes(db)) : isDear;
      const dear: string[] = [];
      for (const [name, read] of READS)
        for (const line of await planOf(read, db, dialect)) if (scansAll(line)) dear.push(`${name}: ${line}`);
      expect(dear).toEqual([]);
    });

    test('jobs and artifacts are found as fast while a whole history is being removed', async () => {
      const { db, dialect } = context.store;
      await addHistory(db, dialect);
      await sql`update builds set deleting_at = 1`.execute(db);
      if (dialect === 'postgres') await sql`analyze builds`.execute(db);
      const reads = [(db: Db) => findJob(db, 'j7'), (db: Db) => findArtifact(db, 'a7')];
      for (const read of reads) {
        const plan = await planOf(read, db, dialect);
        expect(plan.join('\n')).not.toContain('builds_deleting');
        if (dialect === 'postgres') expect(plan.filter(isDear)).toEqual([]);
      }
    });
  });
}

/** For SQLite: whether the step goes through a whole table, or an index of more than what lives. */
function scansBeyond(live: ReadonlySet<string>): (line: string) => boolean {
  return (line) => {
    const [, table = '', index = ''] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(line) ?? [];
    return TABLES_WITH_HISTORY.has(table) && !live.has(index);
  };
}

const TABLES_WITH_HISTORY = new Set([
  'artifacts',
  'builds',
  'jobs',
  'node_requests',
  'nodes',
  'leases',
  'lease_nodes',
  'leaks',
  'steps',
]);

/** Those that hold a part of their table. */
async function liveIndexes(db: Db): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master where type = 'index' and sql like '% where %'`.execute(db);
  return new Set(rows.map(({ name }) => name));
}

/** Reading a page costs 1: a table of the history has a hundred. */
const MOST = 50;

/** For PostgreSQL: whether a whole statement, whose first line it is, costs too much by its own reckoning. */
function isDear(line: string): boolean {
  const [, cost = '0'] = /^\S.*\(cost=[\d.]+\.\.([\d.]+) /.exec(line) ?? [];
  return Number(cost) > MOST;
}

/** How the database would run the read, line by line. */
async function planOf(
  read: (db: Db) => Promise<unknown>,
  db: Db,
  dialect: DialectName,
): Promise<readonly string[]> {
  const plan: Step[] = [];
  await read(db.withPlugin(explaining(dialect === 'sqlite', plan)));
  return plan.map((step) => step.detail ?? step['QUERY PLAN'] ?? '');
}

/** A row of a plan, as SQLite or PostgreSQL tells it. */
interface Step {
  detail?: string;
  'QUERY PLAN'?: string;
}

/** Has the database tell how it would run a query, in place of running it; what it tells is put into `plan`. */
function explaining(sqlite: boolean, plan: Step[]): KyselyPlugin {
  const options = sqlite ? RawNode.createWithSql('query plan') : undefined;
  return {
    transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
      if (node.kind === 'SelectQueryNode')
        return { ...node, explain: ExplainNode.create(undefined, options) };
      if (node.kind !== 'RawNode') return node;
      const [first = '', ...rest] = node.sqlFragments;
      return { ...node, sqlFragments: [`explain ${sqlite ? 'query plan ' : ''}${first}`, ...rest] };
    },
    transformResult({ result }) {
      plan.push(...result.rows);
      return Promise.resolve({ ...result, rows: [] });
    },
  };
}
