import { moveStep, type Ending } from '#controller/builds';
import { artifactSources } from '#controller/store';
import { abortable } from '#shared/abortable';
import { messageOf } from '#shared/errors';
import type { Fetch, ResolvedStep } from '#shared/pipeline';
import { formatBytes, formatDuration } from '#shared/quantity';
import type { Outcome } from '../finish-step.ts';
import type { StepDeps } from '../job-deps.ts';
import { openNotes, type Notes } from '../notes.ts';
import { oneLine } from '../plain-text.ts';
import { createProgressNotes } from '../progress-notes.ts';
import { createFetchRun } from './fetch-run.ts';
import { choose, type Choice, type Taken } from './sources.ts';

type FetchStep = ResolvedStep & { kind: 'fetch' };

/** Between two looks at an artifact that waits for the storage, where no event tells of it. */
const LOOK_MS = 15_000;

/** Brings what a job takes from another one into its workspace, artifact after artifact; every file is checked on the node before it counts. */
export async function driveFetch(task: StepDeps, resolved: FetchStep): Promise<Outcome> {
  const { journal, clock, job, step, stop, ended, signal } = task;
  const set = { name: resolved.name, continue_on_error: resolved.continueOnError ? 1 : 0 };
  if (step.state === 'pending')
    await journal.commit((tx) =>
      moveStep(tx, job, step.id, ['pending'], 'running', { ...set, started_at: tx.at }),
    );
  const limit = new AbortController();
  const callOff = clock.after(resolved.timeoutMs ?? Infinity, () =>
    limit.abort({ result: 'timed-out', reason: `step ${resolved.name} took longer than its timeout` }),
  );
  const notes = await openNotes({ ...task, step });
  try {
    const until = AbortSignal.any([stop, limit.signal, signal]);
    const ending = await takeAll(task, resolved, notes, until).catch((error: unknown): Ending => {
      signal.throwIfAborted();
      if (until.aborted) return until.reason as Ending;
      return { result: 'failure', reason: `step ${resolved.name}: ${messageOf(error)}` };
    });
    if (ending.reason !== null) notes.line(oneLine(ending.reason));
    await record(task, ending, notes);
    return { ...ending, forgiven: resolved.continueOnError };
  } finally {
    callOff();
    // Nothing comes any more: whoever follows the log has all of it.
    if (ended.aborted) await notes.finish().catch(() => undefined);
    notes.release();
  }
}

async function takeAll(
  task: StepDeps,
  { name, fetch }: FetchStep,
  notes: Notes,
  until: AbortSignal,
): Promise<Ending> {
  const choice = await awaitChoice(task, fetch, notes, until);
  if (choice.kind === 'none') return { result: 'failure', reason: `step ${name}: ${choice.reason}` };
  return takeEach(task, name, choice.taken, notes, until);
}

/** What waits for the storage still is waited for. */
async function awaitChoice(
  { store, journal, clock, build }: StepDeps,
  fetch: Fetch,
  notes: Notes,
  until: AbortSignal,
): Promise<Exclude<Choice, { kind: 'wait' }>> {
  let changed = Promise.withResolvers<void>();
  const unsubscribe = journal.subscribe((changes) => {
    if (changes.some(({ kind }) => kind === 'artifact')) changed.resolve();
  });
  let told: string | undefined;
  try {
    for (;;) {
      changed = Promise.withResolvers();
      const choice = choose(fetch, await artifactSources(store.db, build.id, fetch.from));
      if (choice.kind !== 'wait') return choice;
      if (choice.reason !== told) notes.line(`${oneLine(choice.reason)}; waiting for it`);
      told = choice.reason;
      const callOff = clock.after(LOOK_MS, changed.resolve);
      await abortable(changed.promise, until).finally(callOff);
    }
  } finally {
    unsubscribe();
  }
}

async function takeEach(
  task: StepDeps,
  name: string,
  taken: readonly Taken[],
  notes: Notes,
  until: AbortSignal,
): Promise<Ending> {
  for (const [index, one] of taken.entries()) {
    const problem = await takeOne(task, index, one, notes, until);
    if (problem !== null)
      return {
        result: 'failure',
        reason: `step ${name}: artifact ${one.artifact.name} of ${one.job}: ${problem}`,
      };
  }
  return { result: 'success', reason: null };
}

/** Why it is not there, in a sentence; null where it is. */
async function takeOne(
  task: StepDeps,
  index: number,
  { artifact, job, path }: Taken,
  notes: Notes,
  until: AbortSignal,
): Promise<string | null> {
  const { step, clock, link, begin, signal } = task;
  const { name, files, bytes } = artifact;
  const fetch = `${step.id}-${index}`;
  const what = `${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`;
  notes.line(`${name} of ${job}: ${what}, to ${path ?? 'the workspace'}`);
  const startedAt = clock.now();
  const progress = createProgressNotes(notes, clock, name);
  const totals = { totalFiles: files, totalBytes: bytes };
  const run = createFetchRun({
    ...task,
    fetch,
    path,
    artifact,
    signal: until,
    progress: ({ files, bytes, trouble }) => progress.note({ ...totals, files, bytes, trouble }),
  });
  try {
    begin(run);
    const { problem } = await abortable(run.report, until);
    if (problem === undefined) notes.line(`${name}: there, in ${formatDuration(clock.now() - startedAt)}`);
    return problem ?? null;
  } finally {
    // Where it was given up, the agent stops what it still does for it; another life of the controller goes on with it.
    if (!signal.aborted) link.send({ type: 'fetch.ack', fetch });
  }
}

async function record({ journal, job, step }: StepDeps, ending: Ending, notes: Notes): Promise<void> {
  const log = await notes.finish();
  await journal.commit((tx) =>
    moveStep(tx, job, step.id, ['running'], 'finished', {
      result: ending.result,
      message: ending.reason,
      log_bytes: log.bytes,
      log_lines: log.lines,
      finished_at: tx.at,
    }),
  );
}
