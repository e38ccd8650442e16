import type { Tx } from '#controller/events';
import {
  insertArtifacts,
  insertJobs,
  insertSteps,
  newId,
  type ArtifactRole,
  type NewArtifact,
  type NewJob,
  type NewStep,
  type StepPhase,
} from '#controller/store';
import { isTemplate, type Contexts, type Value } from '#shared/expressions';
import {
  POST_CONDITIONS,
  cellKey,
  collectStepOf,
  expandMatrix,
  isDynamicMatrix,
  type Job as JobSpec,
  type Step as StepSpec,
} from '#shared/pipeline';
import type { SubmitDefaults } from './submission.ts';

/** Between the positions of two jobs there is room for the cells of the first. */
export const CELLS_APART = 1000;

/** The rows of a job that has not begun: one for each cell of its matrix, or a single one while its matrix waits for what the job needs. */
export function freshRows(
  tx: Tx,
  buildId: string,
  spec: JobSpec,
  index: number,
  contexts: Contexts,
  defaults: SubmitDefaults,
): NewJob[] {
  const row = freshRow(tx, buildId, spec, index * CELLS_APART, defaults);
  if (spec.matrix === undefined || isDynamicMatrix(spec.matrix)) return [row];
  const cells = expandMatrix(spec.matrix, contexts);
  // A matrix without cells is skipped like one that turns out to have none.
  return cells.length === 0 ? [row] : cellRows(row, cells);
}

/** One row for each cell, in place of the row that stood for all of them. */
export function cellRows(row: NewJob, cells: readonly Record<string, Value>[]): NewJob[] {
  const taken = new Map<string, number>();
  return cells.map((matrix, index) => {
    const plain = cellKey(row.base, matrix);
    const count = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, count);
    // Two cells may read alike, such as 1 and "1".
    const key = count === 1 ? plain : `${plain} #${count}`;
    const name = row.name === row.base ? key : row.name;
    return { ...row, id: index === 0 ? row.id : newId(), position: row.position + index, key, name, matrix };
  });
}

/** Inserts the rows with their steps and artifacts. */
export async function insertJobRows(tx: Tx, rows: readonly NewJob[]): Promise<void> {
  await insertJobs(tx.db, rows);
  for (const row of rows) await insertParts(tx, row);
}

/** A job that is reused from another build has had its steps there. */
async function insertParts(tx: Tx, job: NewJob): Promise<void> {
  if (job.state === 'finished') return;
  await insertSteps(tx.db, stepRows(job));
  await insertArtifacts(tx.db, artifactRows(tx, job));
}

function stepRows({ id, spec }: NewJob): NewStep[] {
  const prepare = (spec.prepare?.steps ?? []).map((step) => ({ phase: 'prepare' as const, step }));
  const main = spec.steps.map((step) => ({ phase: 'main' as const, step }));
  const saves = spec.steps
    .filter(({ kind }) => kind === 'cache')
    .map((step) => ({ phase: 'save' as const, step: { ...step, name: `save ${step.name}` } }));
  const post = POST_CONDITIONS.flatMap((phase) =>
    spec.post.steps.filter(({ when }) => when === phase).map(({ step }) => ({ phase, step })),
  );
  const collect = collectStepOf(spec);
  const last = collect === undefined ? [] : [{ phase: 'collect' as const, step: collect }];
  return [...prepare, ...main, ...saves, ...post, ...last].map(({ phase, step }, position) =>
    stepRow(id, phase, step, position),
  );
}

function stepRow(jobId: string, phase: StepPhase, step: StepSpec, position: number): NewStep {
  return {
    id: newId(),
    job_id: jobId,
    position,
    phase,
    name: step.name,
    spec: step,
    state: 'pending',
    result: null,
    exit_code: null,
    signal: null,
    message: null,
    continue_on_error: 0,
    hashes: null,
    outputs: null,
    log_bytes: 0,
    log_lines: 0,
    started_at: null,
    finished_at: null,
  };
}

/** What people read of them in the log. No artifact can be called so: their names have no spaces. */
const REPORTS_NAME = 'reports of tests';

/** What the job leaves, and the reports of its tests, which are collected in the same way. */
function artifactRows(tx: Tx, { id, spec }: NewJob): NewArtifact[] {
  const artifacts = spec.artifacts.map(({ name }, position) =>
    artifactRow(tx, id, 'artifact', name, position),
  );
  return spec.reports === undefined
    ? artifacts
    : [...artifacts, artifactRow(tx, id, 'junit', REPORTS_NAME, 0)];
}

function artifactRow(tx: Tx, jobId: string, role: ArtifactRole, name: string, position: number): NewArtifact {
  return {
    id: newId(),
    job_id: jobId,
    position,
    role,
    name,
    state: 'pending',
    reason: null,
    files: 0,
    bytes: 0,
    stored_bytes: 0,
    archive: null,
    archive_sha256: null,
    expires_at: null,
    waits_until: null,
    read_at: null,
    created_at: tx.at,
    finished_at: null,
  };
}

function freshRow(
  tx: Tx,
  buildId: string,
  spec: JobSpec,
  position: number,
  { queueTimeoutMs }: SubmitDefaults,
): NewJob {
  return {
    id: newId(),
    build_id: buildId,
    key: spec.id,
    base: spec.id,
    matrix: null,
    // Until they are evaluated, templates are nobody's business.
    name: isTemplate(spec.name) ? spec.id : spec.name,
    position,
    state: 'blocked',
    state_since: tx.at,
    result: null,
    reason: null,
    runs_on: isTemplate(spec.runsOn) ? '' : spec.runsOn,
    needs: spec.needs,
    spec,
    resolved: null,
    outputs: null,
    attempt: 1,
    superseded: 0,
    not_before: null,
    priority: spec.priority,
    rank: null,
    continue_on_error: spec.continueOnError === true ? 1 : 0,
    concurrency_group: null,
    concurrency_limit: null,
    reused_from: null,
    purpose: 'job',
    images: null,
    preparation: null,
    preparing: 0,
    timeout_ms: typeof spec.timeoutMs === 'number' ? spec.timeoutMs : 0,
    queue_timeout_ms: spec.queueTimeoutMs ?? queueTimeoutMs,
    cancel_requested_at: null,
    queued_at: null,
    started_at: null,
    finished_at: null,
  };
}
