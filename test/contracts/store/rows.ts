import {
  insertBuild,
  insertJobs,
  insertNode,
  insertRequest,
  newId,
  type Build,
  type Db,
  type NewArtifact,
  type NewBuild,
  type NewEvent,
  type NewJob,
  type NewNode,
  type NewNodeRequest,
  type NewStep,
} from '#controller/store';

/** Rows as short as they may be, for tests that are about something else. */
export function buildRow(change: Partial<NewBuild> = {}): Omit<NewBuild, 'number'> {
  const definition = { name: 'ceph', jobs: {} } as unknown as NewBuild['definition'];
  return {
    id: newId(),
    pipeline: 'ceph',
    file: 'ceph.yaml',
    state: 'queued',
    definition,
    trigger: { event: 'manual' },
    parameters: {},
    trust: 'trusted',
    env: {},
    created_at: 1,
    ...change,
  };
}

export function jobRow(buildId: string, change: Partial<NewJob> = {}): NewJob {
  const key = change.key ?? 'base';
  return {
    id: newId(),
    build_id: buildId,
    key,
    base: key,
    name: key,
    position: 0,
    state: 'queued',
    state_since: 1,
    runs_on: 'linux',
    needs: [],
    spec: { 'runs-on': 'linux' } as unknown as NewJob['spec'],
    attempt: 1,
    superseded: 0,
    priority: 50,
    continue_on_error: 0,
    timeout_ms: 1000,
    queue_timeout_ms: 1000,
    queued_at: 1,
    rank: change.queued_at ?? 1,
    ...change,
  };
}

export function stepRow(jobId: string, change: Partial<NewStep> = {}): NewStep {
  return {
    id: newId(),
    job_id: jobId,
    position: 0,
    name: 'true',
    spec: { run: 'true' } as unknown as NewStep['spec'],
    phase: 'main',
    continue_on_error: 0,
    state: 'pending',
    log_bytes: 0,
    log_lines: 0,
    ...change,
  };
}

export function nodeRow(change: Partial<NewNode> = {}): NewNode {
  return {
    id: newId(),
    cloud: 'process',
    template: 'small',
    labels: ['linux'],
    template_digest: '',
    hedge: 0,
    state: 'planned',
    state_since: 1,
    session_epoch: 0,
    removal_failures: 0,
    created_at: 1,
    ...change,
  };
}

export function requestRow(jobId: string | null, change: Partial<NewNodeRequest> = {}): NewNodeRequest {
  return {
    id: newId(),
    job_id: jobId,
    role: 'main',
    runs_on: 'linux',
    state: 'requested',
    state_since: 1,
    declines: [],
    created_at: 1,
    ...change,
  };
}

export function artifactRow(jobId: string, change: Partial<NewArtifact> = {}): NewArtifact {
  return {
    id: newId(),
    job_id: jobId,
    position: 0,
    name: 'out',
    state: 'pending',
    files: 0,
    bytes: 0,
    created_at: 1,
    ...change,
  };
}

export function eventRow(buildId: string | null, data: Record<string, unknown> = {}): NewEvent {
  return { at: 1, kind: 'build', build_id: buildId, data };
}

export async function addBuild(db: Db, change: Partial<NewBuild> = {}): Promise<Build> {
  return insertBuild(db, buildRow(change));
}

/** A job in a build of its own; returns its id. */
export async function addJob(db: Db, change: Partial<NewJob> = {}): Promise<string> {
  const build = await addBuild(db);
  const row = jobRow(build.id, change);
  await insertJobs(db, [row]);
  return row.id;
}

export async function addNode(db: Db, change: Partial<NewNode> = {}): Promise<string> {
  const row = nodeRow(change);
  await insertNode(db, row);
  return row.id;
}

export async function addRequest(
  db: Db,
  jobId: string | null,
  change: Partial<NewNodeRequest> = {},
): Promise<string> {
  const row = requestRow(jobId, change);
  await insertRequest(db, row);
  return row.id;
}
