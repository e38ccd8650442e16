import { join } from 'node:path';
import { messageOf } from '#shared/errors';
import type { AgentMessageOf, ControllerMessageOf } from '#shared/protocol';
import { mapConcurrently } from '#shared/concurrently';
import { digestOf } from './digest.ts';
import { findFiles } from './find-files.ts';
import { createSelection } from './selection.ts';

/** Far more than a lock file or a source tree has: a glob that matches more is a mistake. */
const LIMITS = { maxFiles: 100_000, maxBytes: 16 * 1024 ** 3 };
const PARALLEL_DIGESTS = 8;

/** The answer to `files.hash`. Never rejects: why there is no digest is said in it. A glob that begins with `!` leaves files out. */
export async function hashFiles(
  { request, globs }: ControllerMessageOf<'files.hash'>,
  workspace: string,
  signal: AbortSignal,
): Promise<AgentMessageOf<'files.hashed'>> {
  try {
    return { type: 'files.hashed', request, digest: await digestOver(globs, workspace, signal) };
  } catch (error) {
    const problem = messageOf(error).slice(0, 4096);
    return { type: 'files.hashed', request, digest: '', problem };
  }
}

async function digestOver(globs: readonly string[], workspace: string, signal: AbortSignal): Promise<string> {
  const wanted = globs.filter((glob) => !glob.startsWith('!'));
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1));
  const files = await findFiles(workspace, createSelection(wanted, unwanted, workspace), LIMITS, signal);
  if (files.length === 0) return '';
  const digests = await mapConcurrently(files, PARALLEL_DIGESTS, ({ path }) =>
    digestOf(join(workspace, path), signal),
  );
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(digest, 'hex');
  return hash.digest('hex');
}
