import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openFsBlobs, type Blobs, type FsBlobs } from '#controller/blobs';

/** One way to store objects; the contract runs over each. */
export interface Implementation {
  name: string;
  open(this: void, folder: string, now: () => number): Promise<Opened>;
}

export interface Opened {
  blobs: Blobs;
  /** What relative presigned URLs are relative to. */
  endpoint: string;
  /** What the store keeps of puts that didn't end well. */
  halfDone(): Promise<string[]>;
  close(): Promise<void>;
}

export const SECRET = 'a secret of these tests, and of nobody else';

export const IMPLEMENTATIONS: Implementation[] = [{ name: 'fs', open: openFs }];

async function openFs(folder: string, now: () => number): Promise<Opened> {
  const blobs = await openFsBlobs({ folder, secret: SECRET, now });
  const server = await serve(blobs);
  return { ...server, blobs, halfDone: () => readdir(join(folder, 'incoming')) };
}

interface Served {
  endpoint: string;
  /** Resolves when the first request was dealt with. */
  firstEnded: Promise<void>;
  close(): Promise<void>;
}

/** A server of its own for a store on the local disk. */
export async function serve(blobs: FsBlobs): Promise<Served> {
  const first = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    first.resolve(blobs.serve(request, response));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    firstEnded: first.promise,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
