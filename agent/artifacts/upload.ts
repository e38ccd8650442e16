import { createReadStream, promises as fs } from 'node:fs';
import { messageOf } from '#shared/errors';
import type { PresignedRequest } from '#shared/protocol';
import { requestWithRetries, type Endpoint } from '../http/index.ts';
import type { FoundFile } from './find-files.ts';

/**
 * Uploads the file as it was when it was found.
 *
 * @throws Error that names the file
 */
export async function upload(
  file: FoundFile,
  from: string,
  request: PresignedRequest,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<void> {
  const { bytes } = file;
  // The end bounds it: a file that grows meanwhile must not break the framing of the request.
  const open = () => createReadStream(from, { highWaterMark: 256 * 1024, end: bytes - 1 });
  try {
    await requestWithRetries({ endpoint, request, body: { bytes, open } }, signal);
  } catch (error) {
    throw new Error(`${file.path} could not be stored: ${messageOf(error)}`, { cause: error });
  }
  const { size, mtimeMs } = await fs.stat(from);
  if (size !== bytes || mtimeMs !== file.modified)
    throw new Error(`${file.path} changed while it was stored`);
}
