import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ReadableStream } from 'node:stream/web';
import { afterEach, beforeEach } from 'vitest';
import type { BlobInfo, Blobs, Expected } from '#controller/blobs';
import type { PresignedRequest } from '#shared/protocol';
import type { Implementation, Opened } from './implementation.ts';

/** A store on a folder of its own, fresh for each test, and the calls that tests make most. */
export interface Context extends Pick<Opened, 'halfDone'> {
  readonly blobs: Blobs;
  /** Moves the store's clock on by so many milliseconds. */
  pass(ms: number): void;
  put(key: string, content: string, expected?: Expected): Promise<BlobInfo>;
  text(key: string, range?: { offset: number; length?: number }): Promise<string>;
  keys(prefix: string): Promise<string[]>;
  signedGet(key: string, expiresIn?: number): Promise<PresignedRequest>;
  signedPut(key: string, bytes: number, sha256?: string): Promise<PresignedRequest>;
  send(request: PresignedRequest, body?: string, headers?: Record<string, string>): Promise<Response>;
  /** Sends a body without its length in front. */
  sendChunked(request: PresignedRequest, body: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Response>;
}

/** A signal that never aborts. */
export const never: AbortSignal = new AbortController().signal;

export function useBlobs(implementation: Implementation): Context {
  let folder: string;
  let clock: number;
  let opened: Opened;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footman-blobs-'));
    clock = Date.now();
    opened = await implementation.open(folder, () => clock);
  });

  afterEach(async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  });

  function call(
    { method, url, headers }: PresignedRequest,
    init: {
      headers?: Record<string, string>;
      body?: Exclude<RequestInit['body'], undefined>;
      duplex?: 'half';
    },
  ): Promise<Response> {
    const target = new URL(url, opened.endpoint);
    return fetch(target, { method, ...init, headers: { ...headers, ...init.headers } });
  }

  return {
    get blobs() {
      return opened.blobs;
    },
    halfDone: () => opened.halfDone(),
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
    send: (request, body, headers = {}) => call(request, { headers, ...(body !== undefined && { body }) }),
    sendChunked: (request, body) => call(request, { body: ReadableStream.from(body), duplex: 'half' }),
  };
}

export function sha256Of(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
