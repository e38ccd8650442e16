import { basename } from 'node:path/posix';
import type { Request, Response } from 'express';
import type { Blobs, BlobContent } from '#controller/blobs';
import type { StoredFile } from '#controller/store';
import { disconnected } from '../http/disconnected.ts';
import { pump } from '../http/pump.ts';

/**
 * Answers with the file or the one range asked for (RFC 9110). What a job left is never shown by a browser as a page of this origin: it is
 * an attachment of no type, and helmet adds nosniff.
 */
export async function sendFile(
  blobs: Blobs,
  file: StoredFile,
  request: Request,
  response: Response,
): Promise<void> {
  const { sha256 } = file;
  response.attachment(basename(file.path));
  response.type('application/octet-stream');
  response.setHeader('ETag', `"${sha256}"`);
  response.setHeader('Repr-Digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Cache-Control', 'private, no-cache');
  if (request.fresh) return void response.status(304).end();

  const range = rangeOf(request, file);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${file.bytes}`);
    return void response.status(416).end();
  }
  const signal = disconnected(response);
  if (request.method === 'HEAD') return void response.setHeader('Content-Length', file.bytes).end();
  const content = await blobs.get(file.blob, range === undefined ? {} : { range }, signal);
  if (range !== undefined) announceRange(response, range.offset, content);
  response.setHeader('Content-Length', content.bytes);
  try {
    await pump(content.stream, response, signal);
  } finally {
    content.stream.destroy();
  }
}

interface ByteRange {
  offset: number;
  length: number;
}

function rangeOf(request: Request, { bytes, sha256 }: StoredFile): ByteRange | undefined | 'unsatisfiable' {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== `"${sha256}"`) return undefined;
  const ranges = request.range(bytes, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1)
    return undefined;
  const [range] = ranges;
  return range === undefined ? undefined : { offset: range.start, length: range.end - range.start + 1 };
}

function announceRange(response: Response, offset: number, { bytes, size }: BlobContent): void {
  response.status(206).setHeader('Content-Range', `bytes ${offset}-${offset + bytes - 1}/${size}`);
}
