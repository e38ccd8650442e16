import { createHash } from 'node:crypto';
import { FootmanError } from '#shared/errors';
import { isKey } from '../blob-key.ts';
import { incomingBody, outgoingStream } from '../body.ts';
import type { BlobContent, BlobInfo, Range } from '../contract.ts';
import { emptyRange, missesObject, rangeHeader, sizeIn } from '../ranges.ts';
import type { Content } from '../store.ts';
import { expectStatus, finish } from './answers.ts';
import type { HttpAnswer } from './http.ts';
import type { Place } from './place.ts';

/** Which upload a large object came from, as its manifest says. */
export const UPLOAD_HEADER = 'x-object-meta-footman-upload';

export interface Found extends BlobInfo {
  /** The upload whose parts it consists of; undefined for an object that is in one piece. */
  upload: string | undefined;
}

/** One object in the container at a time, by its whole name. */
export interface Objects {
  put(name: string, content: Content, bytes: number | undefined, signal: AbortSignal): Promise<number>;
  get(key: string, range: Range | undefined, signal: AbortSignal): Promise<BlobContent>;
  find(key: string, signal: AbortSignal): Promise<Found | undefined>;
  /** Removes just that. One that isn't there is fine. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  list(prefix: string, signal: AbortSignal): AsyncIterable<BlobInfo>;
}

export function createObjects({ account, container, names, idleTimeout }: Place): Objects {
  const pathOf = (key: string) => container.path(names.object(key));

  /** An object that isn't there is one answer, a container that isn't is another. */
  async function missing(answer: HttpAnswer, signal: AbortSignal): Promise<boolean> {
    if (answer.status !== 404) return false;
    answer.body.destroy();
    await container.check(signal);
    return true;
  }

  async function put(
    name: string,
    content: Content,
    bytes: number | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    await container.make(signal);
    const put = { method: 'PUT', path: container.path(name) } as const;
    if (content instanceof Uint8Array) {
      const etag = createHash('md5').update(content).digest('hex');
      const answer = await account.ask({ ...put, headers: { etag }, body: content }, signal);
      await finish(await expectStatus(answer, `PUT ${put.path}`, 201));
      return content.length;
    }
    let sent = 0;
    using outgoing = outgoingStream(counted(content), signal);
    const headers: Record<string, string> = bytes === undefined ? {} : { 'content-length': String(bytes) };
    const { body } = outgoing;
    const answer = await account.send({ ...put, headers, body }, outgoing.signal);
    await finish(await expectStatus(answer, `PUT ${put.path}`, 201));
    return sent;

    async function* counted(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces) {
        sent += piece.length;
        yield piece;
      }
    }
  }

  async function find(key: string, signal: AbortSignal): Promise<Found | undefined> {
    const answer = await account.ask({ method: 'HEAD', path: pathOf(key) }, signal);
    if (await missing(answer, signal)) return undefined;
    const { headers } = await finish(await expectStatus(answer, `HEAD ${pathOf(key)}`, 200, 204));
    const upload = headers[UPLOAD_HEADER];
    return {
      key,
      bytes: Number(headers['content-length'] ?? 0),
      upload: typeof upload === 'string' ? upload : undefined,
    };
  }

  async function get(key: string, range: Range | undefined, signal: AbortSignal): Promise<BlobContent> {
    if (range?.length === 0) return emptyRange(range, await find(key, signal));
    const headers: Record<string, string> = range === undefined ? {} : { range: rangeHeader(range) };
    const answer = await account.ask({ method: 'GET', path: pathOf(key), headers }, signal);
    if (await missing(answer, signal)) throw new FootmanError('not-found', 'there is no such object');
    const { body } = await expectStatus(answer, `GET ${pathOf(key)}`, 200, 206, 416);
    const bytes = Number(answer.headers['content-length'] ?? 0);
    const size = range === undefined ? bytes : sizeIn(answer.headers['content-range']);
    if (answer.status === 416 || size === undefined) {
      body.destroy();
      throw missesObject(range);
    }
    return { size, bytes, stream: incomingBody(body, bytes, idleTimeout, signal) };
  }

  async function remove(name: string, signal: AbortSignal): Promise<void> {
    const path = container.path(name);
    const answer = await account.ask({ method: 'DELETE', path }, signal);
    if (await missing(answer, signal)) return;
    await finish(await expectStatus(answer, `DELETE ${path}`, 204, 200));
  }

  async function* list(prefix: string, signal: AbortSignal): AsyncGenerator<BlobInfo> {
    await container.make(signal);
    for await (const { name, bytes } of container.list(names.object(prefix), names.end, signal)) {
      const key = names.keyOf(name);
      if (isKey(key)) yield { key, bytes };
    }
  }

  return { put, get, find, remove, list };
}
