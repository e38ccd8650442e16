import type { Readable } from 'node:stream';
import type { Clock } from '#controller/clock';
import type { CapturedImage, CloudImages } from '#controller/clouds';
import type { Journal, Tx } from '#controller/events';
import { limited } from '#controller/nodes';
import { findStream, insertVersion, liveVersions, type ImageVersion, type Store } from '#controller/store';
import { adviceOf, FootmanError } from '#shared/errors';
import { freshVersion, nextNumber } from './begin-capture.ts';
import { moveVersion, recordVersion } from './life-cycle.ts';

/** What an imported image becomes a version of; nodes of the template verify it. */
export interface ImportTarget {
  stream: string;
  cloud: string;
  template: string;
}

interface Place {
  journal: Journal;
  clock: Clock;
}

/** Ready versions of a stream that an import made. */
const KEPT = 3;
/** Longer than any transfer takes: nobody goes on with one that its controller has left. */
const IMPORT_LIMIT_MS = 6 * 60 * 60_000;

/**
 * Makes a version of what somebody brings along. Nobody gets it before a node was started from it, and somebody has promoted it.
 *
 * @throws what the cloud throws; the version is `failed` then
 */
export async function importImage(
  { journal, clock }: Place,
  images: CloudImages,
  target: ImportTarget,
  content: Readable,
  signal: AbortSignal,
): Promise<ImageVersion> {
  const version = await journal.commit((tx) => begin(tx, target));
  let image: CapturedImage;
  try {
    image = await limited(clock, IMPORT_LIMIT_MS, signal, (bounded) =>
      images.import(version.name, content, bounded),
    );
  } catch (error) {
    await journal.commit((tx) => fail(tx, version, `its import failed: ${adviceOf(error)}`));
    throw error;
  }
  const candidate = await journal.commit((tx) =>
    moveVersion(tx, version.id, ['capturing'], 'candidate', { ...image, captured_at: tx.at }),
  );
  if (candidate === undefined) throw new FootmanError('conflict', `${version.name} was given up meanwhile`);
  return candidate;
}

/** Imports whose controller has died. */
export async function failCutImports({ store, journal, clock }: Place & { store: Store }): Promise<void> {
  for (const version of await liveVersions(store.db)) {
    const { state, job_id: job, node_id: node, state_since: since } = version;
    const isImport = state === 'capturing' && job === null && node === null;
    if (isImport && clock.now() - since > IMPORT_LIMIT_MS)
      await journal.commit((tx) => fail(tx, version, 'its import was cut short'));
  }
}

async function begin(tx: Tx, { stream: name, cloud, template }: ImportTarget): Promise<ImageVersion> {
  const known = await findStream(tx.db, { name, cloud });
  const number = await nextNumber(
    tx,
    { name, cloud },
    { keep: known?.keep ?? KEPT, refreshAfterMs: known?.refresh_after_ms ?? null },
  );
  const version: ImageVersion = {
    ...freshVersion(tx, { name, cloud }, number),
    template,
    verify: [],
    promotion: { how: 'manual' },
  };
  await insertVersion(tx.db, version);
  await recordVersion(tx, version);
  return version;
}

async function fail(tx: Tx, { id }: ImageVersion, reason: string): Promise<void> {
  await moveVersion(tx, id, ['capturing'], 'failed', { reason });
}
