import type { CapturedImage } from '#controller/clouds';
import type { Journal } from '#controller/events';
import type { Logs } from '#controller/logs';
import { findVersion, stepsOfJob, type ImageVersion, type Store } from '#controller/store';
import { FootmanError, toFootmanError } from '#shared/errors';
import { formatBytes, formatDuration } from '#shared/quantity';
import { endCapture, type Outcome } from './capture-ending.ts';
import { createCaptureLog, type CaptureLog } from './capture-log.ts';
import { captureHeld, type HeldCaptureDeps } from './capture-held.ts';
import { captureNode, type CaptureDeps } from './capture-node.ts';
import { isWanted, subjectOf, type SubjectOf } from './subject.ts';

export interface CapturerDeps extends CaptureDeps, HeldCaptureDeps {
  store: Store;
  journal: Journal;
  logs: Logs;
  settings(): { captureMs: number };
}

/**
 * Asks the version's cloud for it until that has an answer, and writes down what came of it. `stopping` aborts when the controller stops: its
 * next life asks again; `unwanted` when nobody wants the image any more.
 */
export async function capture(
  deps: CapturerDeps,
  { id }: ImageVersion,
  { stopping, unwanted }: { stopping: AbortSignal; unwanted: AbortSignal },
): Promise<void> {
  const { store, journal } = deps;
  const version = await findVersion(store.db, id);
  if (version?.state !== 'capturing') return;
  const subject = await subjectOf(store.db, version);
  if (subject?.kind === 'hold') {
    await captureHeld(deps, version, subject, { stopping, unwanted });
    return;
  }
  const log = subject && (await openLog(deps, version, subject));
  await log?.begin();
  const outcome = await ask(deps, version, subject, AbortSignal.any([stopping, unwanted]));
  if (stopping.aborted) return;
  const size = (await log?.end(lineFor(deps, version, outcome))) ?? { bytes: 0, lines: 0 };
  await journal.commit((tx) => endCapture(tx, version, outcome, size));
}

async function ask(
  deps: CapturerDeps,
  version: ImageVersion,
  subject: SubjectOf<'job'> | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  if (subject === undefined) return new FootmanError('internal', 'its job or its node is unknown');
  // Its node goes: there is nothing whole to capture.
  if (!isWanted(subject)) return new FootmanError('cancelled', 'nobody wants it any more');
  try {
    const { id, resource } = subject.node;
    return await captureNode(deps, { id, resource }, version, deps.settings().captureMs, signal);
  } catch (error) {
    return toFootmanError(error);
  }
}

async function openLog(
  { store, logs, clock }: CapturerDeps,
  { name }: ImageVersion,
  { job, node }: SubjectOf<'job'>,
): Promise<CaptureLog | undefined> {
  const steps = await stepsOfJob(store.db, job.id);
  const step = steps.find(({ spec }) => spec.kind === 'snapshot');
  if (step === undefined) return undefined;
  const id = { build: job.build_id, job: job.id, step: step.id };
  return createCaptureLog(logs, clock, id, `capturing node ${node.id} as ${name}`);
}

function lineFor({ clock }: CapturerDeps, { state_since: since }: ImageVersion, outcome: Outcome): string {
  if (outcome instanceof FootmanError) return `there is no image: ${outcome.message}`;
  return `captured within ${formatDuration(clock.now() - since)}: ${sizeOf(outcome)}`;
}

function sizeOf({ image, bytes }: CapturedImage): string {
  return `${formatBytes(bytes)}, which the cloud calls ${image}`;
}
