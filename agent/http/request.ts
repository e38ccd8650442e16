import type { Agent, IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { PresignedRequest } from '#shared/protocol';
import type { Target } from './endpoint.ts';
import { refusalOf, type Outcome } from './outcome.ts';
import { TransferError } from './transfer-error.ts';

/** One presigned request, and what goes through it. */
export interface Transfer {
  request: PresignedRequest;
  /** What is uploaded: exactly so many bytes, opened for each attempt. */
  body?: Buffer | { bytes: number; open(): AsyncIterable<Buffer> };
  /** The first byte that is wanted, asked for each attempt. A server may not care, and answer with all: then the status is 200, not 206. */
  from?(): number;
  /** Takes what is downloaded. Called again where its response broke off. */
  receive?(response: IncomingMessage): Promise<void>;
}

export interface Timeouts {
  connectMs: number;
  /** Time without a byte in either direction. */
  idleMs: number;
  /** How long it is tried while nothing succeeds. */
  patienceMs: number;
}

/** The server was not reached at all: nothing was sent. */
export class Unreached extends Error {
  override readonly name = 'Unreached';
}

/**
 * Makes the request once. A server's refusal is an outcome.
 *
 * @throws Unreached where there was no connection; what else went wrong between here and there
 */
export async function makeRequest(
  target: Target,
  transfer: Transfer,
  { agent, timeouts }: { agent: Agent; timeouts: Timeouts },
  signal: AbortSignal,
): Promise<Outcome> {
  const { secure, hostname, port, socketPath, path, host } = target;
  const { request, body } = transfer;
  // Loaded with the first transfer: an agent that has none starts faster.
  const { request: open } = await (secure ? import('node:https') : import('node:http'));
  const answered = Promise.withResolvers<IncomingMessage>();
  let connected = false;
  const outgoing = open({
    method: request.method,
    path,
    ...(socketPath === undefined ? { host: hostname, port } : { socketPath }),
    headers: { host, ...request.headers, ...headersOf(transfer) },
    agent,
    timeout: timeouts.idleMs,
    signal,
  });
  const impatience = setTimeout(() => {
    if (!connected) outgoing.destroy(new Error(`no connection within ${timeouts.connectMs} ms`));
  }, timeouts.connectMs);
  outgoing.on('socket', (socket) => {
    if (outgoing.reusedSocket) connected = true;
    else socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true));
  });
  outgoing.on('timeout', () => {
    if (connected) outgoing.destroy(new Error(`nothing moved for ${timeouts.idleMs / 1000} s`));
  });
  outgoing.on('response', answered.resolve);
  outgoing.on('error', (error) => {
    const isWayThere = !connected && !(error instanceof TransferError);
    answered.reject(isWayThere ? new Unreached(error.message, { cause: error }) : error);
  });
  try {
    // An answer may come before the body is through, when the server refuses it: the answer is what counts.
    if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
    else pipeline(body.open(), outgoing).catch(answered.reject);
    return await outcomeOf(await answered.promise, transfer);
  } finally {
    clearTimeout(impatience);
    outgoing.on('error', () => undefined);
    if (!outgoing.writableFinished) outgoing.destroy();
  }
}

function headersOf({ body, from }: Transfer): Record<string, string | number> {
  const first = from?.() ?? 0;
  return {
    ...(body && { 'content-length': Buffer.isBuffer(body) ? body.length : body.bytes }),
    ...(first > 0 && { range: `bytes=${first}-` }),
  };
}

async function outcomeOf(response: IncomingMessage, { receive }: Transfer): Promise<Outcome> {
  const status = response.statusCode ?? 0;
  if (status < 200 || status >= 300) return refusalOf(response);
  if (receive === undefined) response.on('error', () => undefined).resume();
  else await receive(response);
  return { kind: 'done' };
}
