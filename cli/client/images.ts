import { Readable } from 'node:stream';
import type {
  ImageExport,
  ImageRemovals,
  ImageStreamList,
  ImageVersion,
  ImageVersionList,
  ImportQuery,
  VersionSummary,
} from '#controller/api';
import { FootmanError } from '#shared/errors';
import type { Call, Transport } from './transport.ts';

/** How long a cloud may take to write an image into a file, or to make one of it. */
const SILENCE_MS = 2 * 60 * 60_000;

/** The part of the API that knows images. A version is named by its id or its name. */
export interface ImagesClient {
  streams(query: { kind?: 'named' | 'prepared' | 'held' }): Promise<ImageStreamList>;
  versions(query: { stream?: string }): Promise<ImageVersionList>;
  show(version: string): Promise<ImageVersion>;
  promote(version: string): Promise<ImageVersion>;
  /** In all clouds of the stream unless one is named. */
  rollBack(place: { stream: string; cloud?: string }): Promise<ImageStreamList>;
  /** Answers with the streams that had an image. */
  invalidate(key: string): Promise<ImageStreamList>;
  remove(version: string): Promise<VersionSummary>;
  /** What would go by itself now. */
  removals(): Promise<ImageRemovals>;
  /** Has that go at once. */
  prune(): Promise<ImageRemovals>;
  /** Resolves when the file is there; its URL is a whole one. */
  export(version: string): Promise<ImageExport>;
  /** The file of an export. */
  download(url: string): Promise<Readable>;
  import(place: ImportQuery, content: { stream: Readable; bytes: number }): Promise<VersionSummary>;
}

interface Deps extends Pick<Transport, 'resolve'> {
  read: <T>(call: Call) => Promise<T>;
}

export function createImagesClient({ read, resolve }: Deps): ImagesClient {
  return {
    streams: ({ kind }) => read({ path: kind === undefined ? '/images' : `/images?kind=${kind}` }),
    versions: (query) => read({ path: `/images/versions?${new URLSearchParams(query).toString()}` }),
    show: (version) => read({ path: pathOf(version) }),
    promote: (version) => read({ method: 'POST', path: `${pathOf(version)}/promote`, json: {} }),
    rollBack: (place) => read({ method: 'POST', path: '/images/streams/rollback', json: place }),
    invalidate: (key) => read({ method: 'POST', path: '/images/invalidate', json: { key } }),
    remove: (version) => read({ method: 'DELETE', path: pathOf(version) }),
    removals: () => read({ path: '/images/prune' }),
    prune: () => read({ method: 'POST', path: '/images/prune', json: {} }),
    async export(version) {
      const path = `${pathOf(version)}/export`;
      const made = await read<ImageExport>({ method: 'POST', path, json: {}, silenceMs: SILENCE_MS });
      return { ...made, url: resolve(made.url) };
    },
    download,
    import: (place, content) =>
      read({
        method: 'POST',
        path: `/images/import?${new URLSearchParams(place).toString()}`,
        content,
        silenceMs: SILENCE_MS,
      }),
  };
}

/** The URL itself says that its holder may read this file: it needs no token, and may lead to another store. */
async function download(url: string): Promise<Readable> {
  const place = new URL(url).origin;
  try {
    const answer = await fetch(url);
    if (answer.ok && answer.body !== null) return Readable.fromWeb(answer.body);
    await answer.body?.cancel();
    throw new FootmanError(
      'controller-unreachable',
      `${place} does not give the file (HTTP ${answer.status})`,
      {
        hint: 'the link may have expired: try again',
      },
    );
  } catch (error) {
    if (error instanceof FootmanError) throw error;
    throw new FootmanError('controller-unreachable', `no answer from ${place}`, { cause: error });
  }
}

function pathOf(version: string): string {
  return `/images/versions/${encodeURIComponent(version)}`;
}
