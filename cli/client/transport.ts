import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FootmanError } from '#shared/errors';
import { answerError } from './answer-error.ts';

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Under `/api/v1`, with its query. */
  path: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  content?: { stream: Readable; bytes: number };
  /** How long the controller may say nothing while it works, in milliseconds; what is usual for an answer unless given. */
  silenceMs?: number;
  signal?: AbortSignal | undefined;
}

/** Makes calls. Resolves when the head of a good answer is there; the body is the caller's to read or to destroy. */
export interface Transport {
  /** @throws FootmanError what the controller answered, or `controller-unreachable` */
  send(call: Call): Promise<IncomingMessage>;
  /** A URL in an answer, which begins with a slash where it is the controller's own, as a whole one. */
  resolve(url: string): string;
  close(): void;
}

export interface Target {
  url: string;
  token: string;
}

/** Silence after which a connection counts as lost; followers make a new one. */
const SILENCE_MS = 45_000;

export function createTransport({ url, token }: Target): Transport {
  const base = new URL(url);
  const { request: open, Agent } = base.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true });

  return {
    send,
    resolve: (given) =>
      new URL(given.startsWith('/') ? `${base.pathname.replace(/\/$/, '')}${given}` : given, base).href,
    close: () => agent.destroy(),
  };

  async function send({
    method = 'GET',
    path,
    headers = {},
    json,
    content,
    silenceMs = SILENCE_MS,
    signal,
  }: Call): Promise<IncomingMessage> {
    const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
    const request = open(new URL(`${base.pathname.replace(/\/$/, '')}/api/v1${path}`, base), {
      agent,
      method,
      headers: { ...headers, ...headersFor(body, content), authorization: `Bearer ${token}`, accept: '*/*' },
      ...(signal === undefined ? {} : { signal }),
    });
    const silent = new FootmanError('controller-unreachable', `the controller at ${url} fell silent`);
    request.setTimeout(silenceMs, () => request.destroy(silent));
    // What breaks after the head of the answer shows in its body.
    request.on('error', () => undefined);
    try {
      const answered = once(request, 'response') as Promise<[IncomingMessage]>;
      // A controller that refuses early may close before all is sent: what it says counts, not that.
      const sent = content === undefined ? undefined : pipeline(content.stream, request);
      sent?.catch(() => undefined);
      if (content === undefined) request.end(body);
      const [answer] = await answered;
      if (answer.statusCode !== undefined && answer.statusCode < 300) return answer;
      throw answerError(answer.statusCode ?? 0, await text(answer));
    } catch (error) {
      request.destroy();
      throw signal?.aborted === true || error instanceof FootmanError ? error : unreachable(url, error);
    }
  }
}

function headersFor(body: Buffer | undefined, content: Call['content']): Record<string, string | number> {
  if (content !== undefined) {
    return { 'content-type': 'application/octet-stream', 'content-length': content.bytes };
  }
  return body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
}

function unreachable(url: string, cause: unknown): FootmanError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new FootmanError('controller-unreachable', `no controller answers at ${url}${code}`, {
    hint: 'is it running? `footman serve` starts one',
    cause,
  });
}
