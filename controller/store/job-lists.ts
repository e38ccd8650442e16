import { sql, type RawBuilder } from 'kysely';
import type { Db } from './db.ts';
import { goingBuild } from './going-build.ts';
import { firstIdOf } from './ids.ts';
import { termOf } from './job-terms.ts';
import type { Artifact, Job, JobState, Result, Trigger } from './schema.ts';

export interface JobFilter {
  limit: number;
  /** Only jobs that were made before this one: the last of the page before. */
  before?: string | undefined;
  projectId?: string | undefined;
  pipeline?: string | undefined;
  branch?: string | undefined;
  state?: JobState | undefined;
  result?: Result | undefined;
  /** Made at or after, and before; milliseconds since the epoch. */
  since?: number | undefined;
  until?: number | undefined;
  /** All of them. */
  labels?: readonly string[] | undefined;
  nodeId?: string | undefined;
  /** Of a test that the job told of, in whatever suite. */
  testName?: string | undefined;
}

/** A job in a list: no spec, which may be large. */
export interface ListedJob extends Pick<Job, (typeof LISTED)[number]> {
  /** Of its build. */
  number: number;
  pipeline: string;
  project_id: string | null;
  project: string | null;
  trigger: Trigger;
}

const LISTED = [
  'id',
  'build_id',
  'key',
  'name',
  'state',
  'result',
  'reason',
  'attempt',
  'superseded',
  'runs_on',
  'queued_at',
  'started_at',
  'finished_at',
] as const;

/** Newest first; without those of builds that are being removed. */
export async function listJobs(db: Db, filter: JobFilter): Promise<ListedJob[]> {
  const { tables, conditions, id } = jobsWith(termsOf(filter));
  const all = [...conditions, ...conditionsOf(filter, id), sql`not exists ${goingBuild(db)}`];
  const { rows } = await sql<{ id: string }>`select jobs.id from ${tables}
    where ${sql.join(all, sql` and `)} order by ${id} desc limit ${filter.limit}`.execute(db);
  if (rows.length === 0) return [];
  return db
    .selectFrom('jobs')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .leftJoin('projects', 'projects.id', 'builds.project_id')
    .select(LISTED.map((column) => `jobs.${column}` as const))
    .select([
      'builds.number',
      'builds.pipeline',
      'builds.project_id',
      'builds.trigger',
      'projects.name as project',
    ])
    .where(
      'jobs.id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('jobs.id', 'desc')
    .execute();
}

export interface LatestArtifact {
  pipeline: string;
  branch: string;
  projectId?: string | undefined;
  /** Key of its job. */
  job: string;
  name: string;
}

/**
 * The complete artifact of that name in the newest build that succeeded; its job may be older than others that did not, or that of the build
 * that it repeats. What a fork left never counts as the branch's own.
 */
export async function latestArtifact(
  db: Db,
  { pipeline, branch, projectId, job, name }: LatestArtifact,
): Promise<Artifact | undefined> {
  const { tables, conditions, id } = jobsWith(termsOf({ pipeline, branch, projectId }));
  const { rows } = await sql<{ id: string }>`select artifacts.id from ${tables}
    join builds on builds.id = jobs.build_id join artifacts on artifacts.job_id = coalesce(jobs.reused_from, jobs.id)
    where ${sql.join(conditions, sql` and `)} and jobs.key = ${job} and jobs.superseded = 0
      and builds.result = 'success' and builds.trust = 'trusted' and builds.deleting_at is null
      and artifacts.name = ${name} and artifacts.role = 'artifact' and artifacts.state = 'complete'
    order by ${id} desc limit 1`.execute(db);
  const [found] = rows;
  if (found === undefined) return undefined;
  return db.selectFrom('artifacts').selectAll().where('id', '=', found.id).executeTakeFirst();
}

function termsOf({ projectId, pipeline, branch, labels = [] }: Omit<JobFilter, 'limit'>): string[] {
  return [
    ...(projectId === undefined ? [] : [termOf.project(projectId)]),
    ...(branch === undefined ? [] : [termOf.branch(branch)]),
    ...(pipeline === undefined ? [] : [termOf.pipeline(pipeline)]),
    ...labels.map(termOf.label),
  ];
}

interface Source {
  tables: RawBuilder<unknown>;
  conditions: RawBuilder<unknown>[];
  /** The job's id, in whose order rows come without being sorted. */
  id: RawBuilder<unknown>;
}

/**
 * Jobs that have all terms, by the index of the first one. SQLite takes the tables of a cross join in their order; by itself it might gather
 * and sort whole months.
 */
function jobsWith(terms: readonly string[]): Source {
  const columns = terms.map((term, index) => ({
    table: sql.id(`t${index}`),
    id: sql.id(`t${index}`, 'job_id'),
    term,
  }));
  const id = columns[0]?.id ?? sql.id('jobs', 'id');
  const tables = [...columns.map(({ table }) => sql`job_terms as ${table}`), sql`jobs`];
  return {
    id,
    tables: sql.join(tables, sql` cross join `),
    conditions: [
      sql`jobs.id = ${id}`,
      ...columns.map((column) => sql`${column.table}.term = ${column.term} and ${column.id} = ${id}`),
    ],
  };
}

function conditionsOf(
  { before, state, result, since, until, nodeId, testName }: JobFilter,
  id: RawBuilder<unknown>,
): RawBuilder<unknown>[] {
  return [
    ...(before === undefined ? [] : [sql`${id} < ${before}`]),
    ...(since === undefined ? [] : [sql`${id} >= ${firstIdOf(since)}`]),
    ...(until === undefined ? [] : [sql`${id} < ${firstIdOf(until)}`]),
    ...(result === undefined ? [] : [sql`jobs.result = ${result}`]),
    ...(state === undefined ? [] : [sql`jobs.state = ${state}`]),
    // Said once more as the partial index has it: SQLite draws no conclusions.
    ...(state === undefined || state === 'finished' ? [] : [sql`jobs.state <> 'finished'`]),
    ...(nodeId === undefined ? [] : [sql`jobs.id in (${jobsOfNode(nodeId)})`]),
    ...(testName === undefined ? [] : [sql`jobs.id in (${jobsOfTest(testName)})`]),
  ];
}

function jobsOfNode(nodeId: string): RawBuilder<unknown> {
  return sql`select leases.job_id from lease_nodes join leases on leases.id = lease_nodes.lease_id
    where lease_nodes.node_id = ${nodeId}`;
}

function jobsOfTest(name: string): RawBuilder<unknown> {
  return sql`select test_results.job_id from tests join test_results on test_results.test_id = tests.id
    where tests.name = ${name}`;
}
