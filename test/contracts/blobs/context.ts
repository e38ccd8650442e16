import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { BlobInfo, BlobStorage, Expected } from '#controller/blobs';
import type { PresignedRequest } from '#shared/protocol';
import type { Implementation, Opened } from './implementation.ts';

/** A store on a folder of its own, fresh for each test, and the calls that tests make most. */
export interface Context extends Pick<Opened, 'halfDone' | 'again'> {
  readonly blobs: BlobStorage;
  /** Whether whoever answers presigned requests refuses what has not the signed size. */
  readonly refusesOtherSizes: boolean;
  /** Moves the store's clock on by so many milliseconds. */
  pass(ms: number): void;
  put(key: string, content: string, expected?: Expected): Promise<BlobInfo>;
  text(key: string, range?: { offset: number; length?: number }): Promise<string>;
  keys(prefix: string): Promise<string[]>;
  signedGet(key: string, expiresIn?: number): Promise<PresignedRequest>;
  signedPut(key: string, bytes: number, sha256?: string): Promise<PresignedRequest>;
  /** A request as it was signed some time ago. */
  signedAgo(ms: number, sign: () => Promise<PresignedRequest>): Promise<PresignedRequest>;
  send(
    request: PresignedRequest,
    body?: string | Buffer | AsyncIterable<Buffer>,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Sends a body without its length in front. */
  sendChunked(request: PresignedRequest, body: string): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A signal that never aborts. */
export const never: AbortSignal = new AbortController().signal;

export function useBlobs(implementation: Implementation): Context {
  let folder: string;
  let clock: number;
  let opened: Opened;

  beforeAll(async () => {
    await implementation.start?.();
  });

  afterAll(async () => {
    await implementation.stop?.();
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footman-blobs-'));
    clock = Date.now();
    opened = await implementation.open(folder, () => clock);
  });

  afterEach(async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  });

  async function call(
    { method, url, relay, headers: signed }: PresignedRequest,
    body: string | Buffer | AsyncIterable<Buffer>,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const target = new URL(implementation.relayed ? (relay ?? url) : url, opened.endpoint);
    const outgoing = httpRequest(target, { method, headers: { ...signed, ...headers } });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    const content = typeof body === 'string' ? [Buffer.from(body)] : body instanceof Buffer ? [body] : body;
    // It may be refused before it is through.
    pipeline(Readable.from(content), outgoing).catch(() => undefined);
    const [answer] = await answered;
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: (await buffer(answer)).toString(),
    };
  }

  return {
    get blobs() {
      return opened.blobs;
    },
    get refusesOtherSizes() {
      return implementation.relayed || opened.blobs.limits.signsSize;
    },
    halfDone: () => opened.halfDone(),
    again: () => opened.again(),
    pass(ms) {
      clock += ms;
    },
    put: (key, content, expected = {}) => opened.blobs.put(key, Buffer.from(content), expected, never),
    async text(key, range) {
      const { stream } = await opened.blobs.get(key, range === undefined ? {} : { range }, never);
      return (await buffer(stream)).toString();
    },
    async keys(prefix) {
      return (await Array.fromAsync(opened.blobs.list(prefix, never))).map((info) => info.key);
    },
    signedGet: (key, expiresIn = 60_000) => opened.blobs.presign({ method: 'GET', key, expiresIn }),
    signedPut(key, bytes, sha256) {
      const digest = sha256 === undefined ? {} : { sha256 };
      return opened.blobs.presign({ method: 'PUT', key, expiresIn: 60_000, bytes, ...digest });
    },
    async signedAgo(ms, sign) {
      clock -= ms;
      const request = await sign();
      clock += ms;
      return request;
    },
    send(request, body = '', headers = {}) {
      const length = typeof body === 'string' || body instanceof Buffer ? Buffer.byteLength(body) : undefined;
      return call(request, body, {
        ...(length !== undefined && { 'content-length': String(length) }),
        ...headers,
      });
    },
    sendChunked: (request, body) => call(request, body, { 'transfer-encoding': 'chunked' }),
  };
}

export function sha256Of(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
