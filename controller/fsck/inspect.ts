import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Blobs } from '#controller/blobs';
import { FootmanError } from '#shared/errors';
import type { Counts, Finding } from './report.ts';

/** An object as its row has it. */
export interface Expected {
  key: string;
  /** What it is, for people. */
  of: string;
  /** Null where no row says it. */
  bytes: number | null;
  sha256: string | null;
}

/** Looks at objects, and counts what it looks at. */
export interface Inspector {
  readonly counts: Counts;
  /** What is wrong with the object; undefined where it is as it should be. */
  inspect(expected: Expected): Promise<Finding | undefined>;
  /** A small object, whole; undefined where it is missing. */
  read(key: string): Promise<Buffer | undefined>;
}

interface Options {
  /** Whether every object is read, and its digest compared. */
  digests: boolean;
  signal: AbortSignal;
}

/** @throws FootmanError `storage-unavailable` from all methods: no answer is not absence. */
export function createInspector(blobs: Blobs, { digests, signal }: Options): Inspector {
  const counts: Counts = { objects: 0, bytes: 0 };

  return {
    counts,
    async inspect({ key, of, bytes, sha256 }) {
      counts.objects += 1;
      const info = await blobs.head(key, signal);
      if (info === undefined) return finding('missing', key, of, 'it is not there');
      if (bytes !== null && info.bytes !== bytes)
        return finding('size', key, of, `it has ${info.bytes} bytes instead of ${bytes}`);
      if (!digests || sha256 === null) return undefined;
      const found = await digestOf(key);
      if (found === sha256) return undefined;
      if (found === undefined) return finding('missing', key, of, 'it is not there');
      return finding('digest', key, of, `its SHA-256 is ${found} instead of ${sha256}`);
    },
    async read(key) {
      counts.objects += 1;
      const stream = await open(key);
      return stream && buffer(stream);
    },
  };

  async function digestOf(key: string): Promise<string | undefined> {
    const stream = await open(key);
    if (stream === undefined) return undefined;
    const hash = createHash('sha256');
    for await (const piece of stream as AsyncIterable<Buffer>) {
      counts.bytes += piece.length;
      hash.update(piece);
    }
    return hash.digest('hex');
  }

  async function open(key: string): Promise<Readable | undefined> {
    try {
      return (await blobs.get(key, {}, signal)).stream;
    } catch (error) {
      if (error instanceof FootmanError && error.code === 'not-found') return undefined;
      throw error;
    }
  }
}

export function finding(problem: Finding['problem'], key: string, of: string, message: string): Finding {
  return { kind: 'finding', problem, key, of, message };
}
