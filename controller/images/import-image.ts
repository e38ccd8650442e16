import type { Readable } from 'node:stream';
import type { CapturedImage, CloudImages } from '#controller/clouds';
import type { Journal, Tx } from '#controller/events';
import { findStream, insertVersion, type ImageVersion } from '#controller/store';
import { abortable } from '#shared/abortable';
import { adviceOf, FootmanError } from '#shared/errors';
import { freshVersion, nextNumber } from './begin-capture.ts';
import { moveVersion, recordVersion } from './life-cycle.ts';

/** What an imported image becomes a version of; nodes of the template verify it. */
export interface ImportTarget {
  stream: string;
  cloud: string;
  template: string;
}

/** Ready versions of a stream that an import made. */
const KEPT = 3;

/**
 * Makes a version of what somebody brings along. Nobody gets it before a node was started from it, and somebody has promoted it. What is left of
 * an import whose controller died is ended by the keeper of versions.
 *
 * @throws what the cloud throws; the version is `failed` then
 */
export async function importImage(
  journal: Journal,
  images: CloudImages,
  target: ImportTarget,
  content: Readable,
  signal: AbortSignal,
): Promise<ImageVersion> {
  const version = await journal.commit((tx) => begin(tx, target));
  let image: CapturedImage;
  try {
    image = await abortable(images.import(version.name, content, signal), signal);
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
