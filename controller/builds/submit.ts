import type { Journal, Tx } from '#controller/events';
import { findBuild, insertBuild, newId, patchBuild, type Build, type NewJob } from '#controller/store';
import type { Contexts } from '#shared/expressions';
import { resolveConcurrency, resolveEnv } from '#shared/pipeline';
import { advanceBuild } from './advance.ts';
import { joinGroup } from './build-group.ts';
import { limitRows } from './limit-rows.ts';
import { buildContexts } from './contexts.ts';
import { freshRows, insertJobRows } from './job-rows.ts';
import { grantedPriority } from './rank.ts';
import type { Submission, SubmitDefaults } from './submission.ts';

/** The jobs that a build begins with. */
export type RowsOf = (build: Build, contexts: Contexts) => NewJob[];

/**
 * Puts the build, its jobs and their steps into the store, all at once, and queues the jobs that need no other.
 *
 * @throws FootmanError `expression-failed` for an expression of the pipeline itself or of a matrix.
 */
export function submitBuild(
  journal: Journal,
  submission: Submission,
  defaults: SubmitDefaults,
): Promise<Build> {
  return journal.commit((tx) => submitIn(tx, submission, defaults));
}

/** The same as part of something larger, such as the delivery that it answers. */
export async function submitIn(
  tx: Tx,
  submission: Submission,
  defaults: SubmitDefaults,
  rowsOf: RowsOf = (build, contexts) => allRows(tx, build, contexts, defaults),
): Promise<Build> {
  const created = await insert(tx, submission);
  const { pipeline } = submission;
  const contexts = await buildContexts(tx.db, created);
  const env = resolveEnv(pipeline.env, contexts);
  const build = { ...created, env };
  if (Object.keys(env).length > 0) await patchBuild(tx.db, build.id, { env });
  await tx.record({
    kind: 'build',
    buildId: build.id,
    data: { id: build.id, state: 'queued', number: build.number, result: null, reason: null },
  });
  const rows = rowsOf(build, { ...contexts, env });
  limitRows(rows);
  for (const row of rows) row.priority = grantedPriority(build, row.priority);
  await insertJobRows(tx, rows);
  if (pipeline.concurrency !== undefined)
    await joinGroup(tx, build, resolveConcurrency(pipeline.concurrency, contexts));
  await advanceBuild(tx, build.id);
  return (await findBuild(tx.db, build.id)) ?? build;
}

function allRows(tx: Tx, build: Build, contexts: Contexts, defaults: SubmitDefaults): NewJob[] {
  return build.definition.jobs.flatMap((spec, index) =>
    freshRows(tx, build.id, spec, index, contexts, defaults),
  );
}

function insert(tx: Tx, submission: Submission): Promise<Build> {
  const { pipeline, file, source, projectId, trigger, parameters, trust, rerunOf } = submission;
  return insertBuild(tx.db, {
    id: newId(),
    pipeline: pipeline.name,
    file,
    state: 'queued',
    result: null,
    reason: null,
    definition: pipeline,
    source,
    project_id: projectId,
    trigger,
    parameters,
    trust,
    env: {},
    concurrency_group: null,
    concurrency_limit: null,
    admitted_at: pipeline.concurrency === undefined ? tx.at : null,
    rerun_of: rerunOf,
    timeout_ms: pipeline.timeoutMs ?? null,
    cancel_requested_at: null,
    created_at: tx.at,
    started_at: null,
    finished_at: null,
  });
}
