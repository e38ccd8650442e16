import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { FootmanError, toFootmanError } from '#shared/errors';
import type { Blobs } from '../contract.ts';
import { checkRequest, type Claims } from './presign.ts';
import { parseRange } from './range-header.ts';

interface Deps {
  blobs: Pick<Blobs, 'put' | 'get' | 'head'>;
  secret: string | Buffer;
  now: () => number;
  /** Silence after which a transfer is cut, in milliseconds. */
  idleTimeout: number;
}

/** Bytes of a refused upload that are still read, so that the client gets to see the refusal; then the connection is cut. */
const DISCARD_BYTES = 1024 * 1024;

/** Answers one presigned request; see `FsBlobs.serve`. */
export async function serve(request: IncomingMessage, response: ServerResponse, deps: Deps): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.setTimeout(deps.idleTimeout, () => void response.destroy());
  try {
    const claims = checkRequest(request.method, request.url, deps.secret, deps.now());
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
  { key, bytes, sha256 }: Claims,
  { blobs }: Deps,
  signal: AbortSignal,
): Promise<void> {
  if (bytes === undefined) throw new FootmanError('forbidden', 'an upload must be signed with its size');
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) !== bytes) {
    throw new FootmanError('request-invalid', `the object must have ${bytes} bytes, not ${announced}`);
  }
  // A refusal must not end the request: it is told, and the rest of the body is read.
  const content = request.iterator({ destroyOnReturn: false });
  await blobs.put(key, content, { bytes, ...(sha256 !== undefined && { sha256 }) }, signal);
  response.writeHead(200, { 'content-length': 0 }).end();
}

async function download(
  request: IncomingMessage,
  response: ServerResponse,
  { key }: Claims,
  { blobs }: Deps,
  signal: AbortSignal,
): Promise<void> {
  const info = await blobs.head(key, signal);
  if (info === undefined) throw new FootmanError('not-found', `there is no object ${key}`);
  const range = parseRange(request.headers.range, info.bytes);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${info.bytes}`, 'content-length': 0 }).end();
    return;
  }
  const { size, bytes, stream } = await blobs.get(key, range === undefined ? {} : { range }, signal);
  response.writeHead(range === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': bytes,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    ...(range !== undefined && {
      'content-range': `bytes ${range.offset}-${range.offset + bytes - 1}/${size}`,
    }),
  });
  await pipeline(stream, response);
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
