import type { KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { FootmanError, toFootmanError } from '#shared/errors';
import type { Blobs, Range } from '../contract.ts';
import { attachmentNamed } from '../disposition.ts';
import { partSize } from '../parts.ts';
import { parseRange } from './range-header.ts';
import { checkRequest, type Claims } from './token.ts';

interface Deps {
  blobs: Blobs;
  tokenKey: KeyObject;
  now: () => number;
  /** Silence after which a transfer is cut, in milliseconds. */
  idleTimeout: number;
}

/** Bytes of a refused upload that are still read, so that the client gets to see the refusal; then the connection is cut. */
const DISCARD_BYTES = 1024 * 1024;

/** Answers one presigned request; see `BlobStorage.serve`. */
export async function serve(request: IncomingMessage, response: ServerResponse, deps: Deps): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.setTimeout(deps.idleTimeout, () => void response.destroy());
  try {
    const claims = checkRequest(request.method, request.url, deps.tokenKey, deps.now());
    if (claims.method === 'PUT') await upload(request, response, claims, deps, gone.signal);
    else await download(request, response, claims, deps, gone.signal);
  } catch (error) {
    if (gone.signal.aborted) return;
    refuse(request, response, error);
    if (!(error instanceof FootmanError)) throw error;
  }
}

async function upload(
  request: IncomingMessage,
  response: ServerResponse,
  claims: Extract<Claims, { method: 'PUT' }>,
  { blobs }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const bytes = 'upload' in claims ? partSize(claims.upload, claims.part) : claims.bytes;
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) !== bytes) {
    throw new FootmanError('request-invalid', `the object must have ${bytes} bytes, not ${announced}`);
  }
  // A refusal must not end the request: it is told, and the rest of the body is read.
  const content = request.iterator({ destroyOnReturn: false });
  if ('upload' in claims) {
    await blobs.uploads.putPart(claims.upload, claims.part, content, signal);
  } else {
    const { key, sha256 } = claims;
    await blobs.put(key, content, { bytes, ...(sha256 !== undefined && { sha256 }) }, signal);
  }
  response.writeHead(200, { 'content-length': 0 }).end();
}

async function download(
  request: IncomingMessage,
  response: ServerResponse,
  { key, filename }: Extract<Claims, { method: 'GET' }>,
  { blobs }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const range = await rangeOf(request.headers.range, key, blobs, signal);
  if (range !== undefined && 'missed' in range) {
    response.writeHead(416, { 'content-range': `bytes */${range.missed}`, 'content-length': 0 }).end();
    return;
  }
  const { size, bytes, stream } = await blobs.get(key, range === undefined ? {} : { range }, signal);
  response.writeHead(range === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': bytes,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    ...(filename !== undefined && { 'content-disposition': attachmentNamed(filename) }),
    ...(range !== undefined && {
      'content-range': `bytes ${range.offset}-${range.offset + bytes - 1}/${size}`,
    }),
  });
  await pipeline(stream, response);
}

/** The range that is asked for, for which the object's size must be known; `missed` is that size where the object has no such bytes. */
async function rangeOf(
  header: string | undefined,
  key: string,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<Required<Range> | { missed: number } | undefined> {
  if (header === undefined) return undefined;
  const info = await blobs.head(key, signal);
  if (info === undefined) throw new FootmanError('not-found', `there is no object ${key}`);
  const range = parseRange(header, info.bytes);
  return range === 'unsatisfiable' ? { missed: info.bytes } : range;
}

function refuse(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error = toFootmanError(thrown);
  const message = error.code === 'internal' ? 'the controller could not do this' : error.message;
  const body = JSON.stringify({ error: { code: error.code, message } });
  discardRest(request);
  response
    .writeHead(error.status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    })
    .end(body);
}

/** To be called before the answer ends: otherwise node:http drops the rest of the body by itself, however long it is. */
function discardRest(request: IncomingMessage): void {
  const { socket } = request;
  let bytes = 0;
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > DISCARD_BYTES) socket.destroy();
  });
}
