import {
  request as overHttp,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as overHttps, Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FootmanError, messageOf } from '#shared/errors';
import { CONNECT_TIMEOUT_MS, MAX_CONNECTIONS } from '../timeouts.ts';

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: Buffer | Readable;
}

/** Its body must be read or destroyed. */
export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: IncomingMessage;
}

/** @throws FootmanError `storage-unavailable` without an answer */
export type Http = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** A client that limits how long a connection and silence may take, in milliseconds. */
export function createHttp(idleTimeout: number): Http {
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: MAX_CONNECTIONS }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: MAX_CONNECTIONS }),
  };
  return async (request, signal) => {
    const secure = request.url.startsWith('https:');
    const isStream = request.body !== undefined && !(request.body instanceof Uint8Array);
    const outgoing = (secure ? overHttps : overHttp)(request.url, {
      method: request.method,
      headers: { ...request.headers, ...lengthOf(request) },
      timeout: idleTimeout,
      signal,
      // A connection that was kept may turn out dead, and a stream can't be sent again.
      agent: isStream ? false : secure ? agents.https : agents.http,
    });
    const impatience = setTimeout(() => {
      if (outgoing.socket?.connecting !== false) outgoing.destroy(new Error('no connection in time'));
    }, CONNECT_TIMEOUT_MS);
    outgoing.on('timeout', () => outgoing.destroy(new Error(`nothing moved for ${idleTimeout / 1000} s`)));
    const answered = Promise.withResolvers<IncomingMessage>();
    outgoing.on('response', answered.resolve);
    outgoing.on('error', answered.reject);
    try {
      // A refusal may come before the body is through: it is what counts.
      if (isStream) pipeline(request.body as Readable, outgoing).catch(answered.reject);
      else outgoing.end(request.body);
      const body = await answered.promise;
      return { status: body.statusCode ?? 0, headers: body.headers, body };
    } catch (cause) {
      signal.throwIfAborted();
      const reason = messageOf(cause) || String((cause as NodeJS.ErrnoException).code);
      const { host } = new URL(request.url);
      throw new FootmanError('storage-unavailable', `the storage at ${host} does not answer: ${reason}`, {
        cause,
      });
    } finally {
      clearTimeout(impatience);
    }
  };
}

/** The length of what is sent at once; a stream brings its own, or comes in chunks. */
function lengthOf({ method, body }: HttpRequest): Record<string, string> {
  if (body instanceof Uint8Array) return { 'content-length': String(body.length) };
  return body === undefined && (method === 'PUT' || method === 'POST') ? { 'content-length': '0' } : {};
}
