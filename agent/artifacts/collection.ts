import { join } from 'node:path';
import { messageOf } from '#shared/errors';
import type { ArtifactFile, ControllerMessageOf, PresignedRequest } from '#shared/protocol';
import type { Endpoint } from '../http/index.ts';
import type { Link } from '../link/index.ts';
import { mapConcurrently } from '#shared/concurrently';
import { digestOf } from './digest.ts';
import { findFiles, type FoundFile } from './find-files.ts';
import { createSelection } from './selection.ts';
import { upload } from './upload.ts';

/** The collection of one artifact, from the order until the controller has acknowledged its end. */
export interface Collection {
  /** Names all files from the first on. What was stored before, for the same order over an earlier connection, is not stored again. */
  restart(): void;
  put(message: ControllerMessageOf<'artifact.put'>): void;
  stop(): void;
}

interface Deps {
  order: ControllerMessageOf<'artifact.collect'>;
  /** What the order's paths are relative to. */
  root: string;
  endpoint: Endpoint;
  link: Link;
}

interface NamedFile {
  found: FoundFile;
  named: ArtifactFile;
}

/** Fewer than a message may name: the answer has a long URL for each, and must fit in a message too. */
const FILES_PER_BATCH = 128;
const PARALLEL_UPLOADS = 4;
const PARALLEL_DIGESTS = 2;

export function createCollection({ order, root, endpoint, link }: Deps): Collection {
  const { artifact } = order;
  const stored = new Set<string>();
  const digests = new Map<string, string>();
  let found: Promise<FoundFile[]> | undefined;
  let current = new AbortController();
  let answer = Promise.withResolvers<ControllerMessageOf<'artifact.put'>>();

  return {
    restart() {
      current.abort();
      current = new AbortController();
      void collect(current.signal);
    },
    put: (message) => answer.resolve(message),
    stop: () => current.abort(),
  };

  async function collect(signal: AbortSignal): Promise<void> {
    let files = 0;
    try {
      found ??= find();
      const all = await found;
      for (let start = 0; start < all.length; start += FILES_PER_BATCH) {
        const batch = all.slice(start, start + FILES_PER_BATCH);
        await store(await mapConcurrently(batch, PARALLEL_DIGESTS, (file) => name(file, signal)), signal);
        files += batch.length;
      }
      signal.throwIfAborted();
      link.send({ type: 'artifact.finished', artifact, files });
    } catch (error) {
      if (signal.aborted) return;
      const problem = messageOf(error).slice(0, 4096);
      link.send({ type: 'artifact.finished', artifact, files, problem });
    }
  }

  async function find(): Promise<FoundFile[]> {
    const selection = createSelection(order.paths, order.exclude, root);
    return findFiles(root, selection, order);
  }

  async function name(file: FoundFile, signal: AbortSignal): Promise<NamedFile> {
    const { path, bytes, mode } = file;
    const sha256 = digests.get(path) ?? (await digestOf(join(root, path), signal));
    digests.set(path, sha256);
    return { found: file, named: { path, bytes, sha256, mode } };
  }

  async function store(batch: NamedFile[], signal: AbortSignal): Promise<void> {
    answer = Promise.withResolvers();
    link.send({ type: 'artifact.files', artifact, files: batch.map(({ named }) => named) });
    const { puts } = await answer.promise;
    signal.throwIfAborted();
    const requests = new Map(puts.map(({ path, request }) => [path, request]));
    await mapConcurrently(batch, PARALLEL_UPLOADS, async ({ found: file }) => {
      if (!stored.has(file.path)) await storeFile(file, requests.get(file.path), signal);
    });
  }

  async function storeFile(
    file: FoundFile,
    request: PresignedRequest | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (request === undefined) throw new Error(`the controller gave no place to store ${file.path}`);
    await upload(file, join(root, file.path), request, endpoint, signal);
    stored.add(file.path);
  }
}
