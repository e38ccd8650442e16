import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PresignedRequest } from '#shared/protocol';
import { resolveUrl, type Endpoint } from './endpoint.ts';

/** One presigned request, and what goes through it. */
export interface Transfer {
  endpoint: Endpoint;
  request: PresignedRequest;
  /** What is uploaded: exactly so many bytes. */
  body?: { bytes: number; open(): Readable };
  /** Takes what is downloaded. */
  receive?(response: IncomingMessage): Promise<void>;
}

/** What came of one attempt. `again` says that the same request may do better later. */
export type Outcome = { ok: true } | { ok: false; again: boolean; reason: string };

const CONNECT_TIMEOUT_MS = 15_000;
/** Time without a byte in either direction. */
const IDLE_TIMEOUT_MS = 60_000;

/** Makes the request once. Rejects for what went wrong between here and there; a server's refusal is an outcome. */
export async function attempt(transfer: Transfer, signal: AbortSignal): Promise<Outcome> {
  const { endpoint, request, body } = transfer;
  const { secure, hostname, port, socketPath, path, host } = resolveUrl(endpoint, request.url);
  // Loaded with the first transfer: an agent that has none starts faster.
  const { request: open } = await (secure ? import('node:https') : import('node:http'));
  const answered = Promise.withResolvers<IncomingMessage>();
  const outgoing = open({
    method: request.method,
    path,
    ...(socketPath === undefined ? { host: hostname, port } : { socketPath }),
    headers: { host, ...request.headers, ...(body && { 'content-length': body.bytes }) },
    timeout: IDLE_TIMEOUT_MS,
    signal,
  });
  const impatience = setTimeout(() => {
    if (outgoing.socket?.connecting !== false) outgoing.destroy(new Error('no connection in time'));
  }, CONNECT_TIMEOUT_MS);
  outgoing.on('timeout', () => outgoing.destroy(new Error(`nothing moved for ${IDLE_TIMEOUT_MS / 1000} s`)));
  outgoing.on('response', answered.resolve);
  outgoing.on('error', answered.reject);
  try {
    // An answer may come before the body is through, when the server refuses it: the answer is what counts.
    if (body === undefined || body.bytes === 0) outgoing.end();
    else pipeline(body.open(), outgoing).catch(answered.reject);
    return await outcomeOf(await answered.promise, transfer);
  } finally {
    clearTimeout(impatience);
    outgoing.on('error', () => undefined);
  }
}

async function outcomeOf(response: IncomingMessage, { receive }: Transfer): Promise<Outcome> {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) {
    if (receive === undefined) response.resume();
    else await receive(response);
    return { ok: true };
  }
  response.resume();
  return { ok: false, again: isTransient(status), reason: `the storage answered ${status}` };
}

/** Request timeout, too many requests, and whatever is the server's own trouble. */
function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
