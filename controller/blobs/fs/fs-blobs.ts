import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat, unlink } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { checkKey, checkPrefix, splitPrefix } from '../blob-key.ts';
import type { BlobInfo, Blobs, Expected } from '../contract.ts';
import { get } from './get.ts';
import { isMissing, pathOf, pathsIn, type Paths } from './paths.ts';
import { place, removeEmptyFolders } from './place.ts';
import { signRequest } from './presign.ts';
import { receive } from './receive.ts';
import { serve } from './serve.ts';
import { walk } from './walk.ts';

/** Objects on the local disk, and the handler of their presigned requests. One process uses a folder at a time. */
export interface FsBlobs extends Blobs {
  /**
   * Answers a presigned request; for requests whose URL starts with `BLOBS_PATH`, which must be whole. An upload may take long: the
   * server's `requestTimeout` must be 0, silence is limited here. Errors for the client are answered; others too, and then thrown.
   */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Options {
  /** Made if missing. What a killed process left half-written in it is removed. */
  folder: string;
  /** Signs requests; at least 32 random bytes. */
  secret: string | Buffer;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Silence after which a transfer over `serve` is cut, in milliseconds. */
  idleTimeout?: number;
}

const IDLE_TIMEOUT_MS = 60_000;

export async function openFsBlobs(options: Options): Promise<FsBlobs> {
  const { folder, secret, now = Date.now, idleTimeout = IDLE_TIMEOUT_MS } = options;
  const paths = pathsIn(folder);
  await rm(paths.incoming, { recursive: true, force: true });
  await mkdir(paths.incoming, { recursive: true });
  await mkdir(paths.objects, { recursive: true });

  const blobs: Blobs = {
    put: (key, content, expected, signal) => put(paths, key, content, expected, signal),
    async get(key, { range }, signal) {
      checkKey(key);
      return await get(pathOf(paths, key), range, signal);
    },
    head: (key, signal) => head(paths, key, signal),
    remove: (key, signal) => remove(paths, key, signal),
    list: (prefix, signal) => list(paths, prefix, signal),
    async presign(request) {
      checkKey(request.key);
      return signRequest(request, secret, now());
    },
  };
  return {
    ...blobs,
    serve: (request, response) => serve(request, response, { blobs, secret, now, idleTimeout }),
  };
}

async function put(
  paths: Paths,
  key: string,
  content: Buffer | AsyncIterable<Uint8Array>,
  expected: Expected,
  signal: AbortSignal,
): Promise<BlobInfo> {
  checkKey(key);
  signal.throwIfAborted();
  const path = join(paths.incoming, randomUUID());
  try {
    const bytes = await receive(path, content, expected, signal);
    await place(path, pathOf(paths, key));
    return { key, bytes };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function head(paths: Paths, key: string, signal: AbortSignal): Promise<BlobInfo | undefined> {
  checkKey(key);
  signal.throwIfAborted();
  try {
    return { key, bytes: (await stat(pathOf(paths, key))).size };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function remove(paths: Paths, key: string, signal: AbortSignal): Promise<void> {
  checkKey(key);
  signal.throwIfAborted();
  const path = pathOf(paths, key);
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await removeEmptyFolders(dirname(path), paths.objects);
}

function list(paths: Paths, prefix: string, signal: AbortSignal): AsyncIterable<BlobInfo> {
  checkPrefix(prefix);
  const { folder, start } = splitPrefix(prefix);
  return walk(join(paths.objects, folder), folder === '' ? '' : `${folder}/`, start, signal);
}
