import {
  activeLeases,
  arrivalsSince,
  buildsInGroup,
  delayedJobs,
  jobsInGroup,
  waitingGroups,
  waitingJobGroups,
  countLiveByTemplate,
  eventsAfter,
  jobsInStates,
  jobsWithRequests,
  listBuilds,
  liveNodes,
  newestHoldings,
  newestLives,
  nodesInStates,
  openRequestRows,
  queuedJobs,
  readyNodes,
  recentLaunches,
  unfinishedBuilds,
  usageByProject,
  type Db,
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

/** What loops and followers read, and the index of live rows that each must use: an idle controller must not read its history. */
const READS: readonly [string, (db: Db) => Promise<unknown>, string][] = [
  ['unfinishedBuilds', unfinishedBuilds, 'builds_unfinished'],
  ['listBuilds of a state', (db) => listBuilds(db, { limit: 9, state: 'running' }), 'builds_unfinished'],
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
  ['eventsAfter of a build', (db) => eventsAfter(db, 7, { limit: 9, buildId: 'b' }), 'events_of_build'],
];

export function describePlans(context: Context): void {
  describe('reads live rows only', () => {
    test.each(READS)('%s', async (_, read, index) => {
      const plan: unknown[] = [];
      await context.store.transaction(async (db) => {
        // PostgreSQL would rather scan the empty tables of a test.
        if (context.store.dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(db);
        await read(db.withPlugin(explaining(context.store.dialect === 'sqlite', plan)));
      });
      expect(JSON.stringify(plan)).toContain(index);
    });
  });
}

/** Has the database tell how it would run a query, in place of running it; what it tells is put into `plan`. */
function explaining(sqlite: boolean, plan: unknown[]): KyselyPlugin {
  const options = sqlite ? RawNode.createWithSql('query plan') : undefined;
  return {
    transformQuery: ({ node }: PluginTransformQueryArgs): RootOperationNode =>
      node.kind === 'SelectQueryNode' ? { ...node, explain: ExplainNode.create(undefined, options) } : node,
    transformResult({ result }) {
      plan.push(...result.rows);
      return Promise.resolve({ ...result, rows: [] });
    },
  };
}
