import { createSecretKey } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Blobs, PresignOptions } from './contract.ts';
import { openFsStore } from './fs/fs-store.ts';
import { guard } from './guard.ts';
import { probe } from './probe.ts';
import { serve } from './relay/serve.ts';
import { signPath } from './relay/token.ts';
import type { BlobSettings } from './settings.ts';
import type { ObjectStore } from './store.ts';

/** A storage of objects, and the handler of presigned requests that go through the controller. */
export interface BlobStorage extends Blobs {
  /**
   * Answers a presigned request; for requests whose URL starts with `BLOBS_PATH`, which must be whole. An upload may take long: the
   * server's `requestTimeout` must be 0, silence is limited here. Errors for the client are answered; others too, and then thrown.
   */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Stores a small object, reads it and removes it again.
   *
   * @throws FootmanError `storage-unavailable`, `storage-refused` with what is wrong
   */
  probe(signal: AbortSignal): Promise<void>;
}

interface Options {
  /** Signs requests; at least 32 random bytes. Controllers that share a storage have the same one. */
  secret: string | Buffer;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Silence after which a transfer is cut, in milliseconds. */
  idleTimeout?: number;
  /** Objects that are listed at a time. */
  pageSize?: number;
}

const IDLE_TIMEOUT_MS = 60_000;
const PAGE_SIZE = 1000;

/** Opens the storage that is configured. A remote one need not answer yet: nothing is asked of it before it is used. */
export async function openBlobs(settings: BlobSettings, options: Options): Promise<BlobStorage> {
  const { secret, now = Date.now, idleTimeout = IDLE_TIMEOUT_MS, pageSize = PAGE_SIZE } = options;
  // A string would first be tried as a PEM file, for each token: that costs more than its signature.
  const tokenKey = createSecretKey(typeof secret === 'string' ? Buffer.from(secret) : secret);
  const store = await openStore(settings, { secret, now, idleTimeout, pageSize });
  const blobs = guard(store, async (request) => presign(store, request));
  return {
    ...blobs,
    serve: (request, response) => serve(request, response, { blobs, tokenKey, now, idleTimeout }),
    probe: (signal) => probe(blobs, signal),
  };

  async function presign(store: ObjectStore, request: PresignOptions) {
    const relay = signPath(request, tokenKey, now());
    const direct = await store.presign(request);
    return direct === null ? { method: request.method, url: relay, headers: {} } : { ...direct, relay };
  }
}

/** Objects in a folder of the local disk; one process uses it at a time. */
export async function openFsBlobs({
  folder,
  ...options
}: Options & { folder: string }): Promise<BlobStorage> {
  return openBlobs({ kind: 'fs', folder }, options);
}

/** What speaks to a storage is loaded with it: the SDK for S3 alone takes 17 MiB of memory. */
async function openStore(settings: BlobSettings, options: Required<Options>): Promise<ObjectStore> {
  switch (settings.kind) {
    case 'fs':
      return openFsStore(settings.folder, options.now);
    case 's3': {
      const { createS3Store } = await import('./s3/s3-store.ts');
      return createS3Store(settings, options);
    }
    case 'swift': {
      const { createSwiftStore } = await import('./swift/swift-store.ts');
      return createSwiftStore(settings, options);
    }
  }
}
