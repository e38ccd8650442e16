import type { Blobs } from '#controller/blobs';
import { sourceKey } from '#controller/projects';
import type { BuildSource } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { NewSource } from './schema.ts';

/** What the build keeps of an uploaded source. @throws FootmanError `not-found` when it was not uploaded. */
export async function toBuildSource(
  blobs: Blobs,
  source: NewSource | undefined,
): Promise<BuildSource | null> {
  if (source === undefined) return null;
  const blob = sourceKey(source.sha256);
  const stored = await blobs.head(blob, AbortSignal.timeout(HEAD_TIMEOUT_MS));
  if (stored === undefined) {
    throw new FootmanError('not-found', `the source ${source.sha256} was not uploaded here`, {
      hint: 'send the git bundle to POST /api/v1/sources first',
    });
  }
  return { ...source, blob, bytes: stored.bytes };
}

const HEAD_TIMEOUT_MS = 30_000;
