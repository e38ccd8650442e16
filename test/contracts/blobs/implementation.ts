import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBlobs, openFsBlobs, type BlobSettings, type BlobStorage } from '#controller/blobs';
import { startSwift, type SwiftContainer, type SwiftServer } from '#test/swift';
import { serve } from './serve.ts';

/** One way to store objects; the contract runs over each. */
export interface Implementation {
  name: string;
  /** Whether presigned requests go to the controller; else to the storage. */
  relayed: boolean;
  /** Once for all tests. */
  start?(this: void): Promise<void>;
  stop?(this: void): Promise<void>;
  /** An empty one, for one test. */
  open(this: void, folder: string, now: () => number): Promise<Opened>;
}

export interface Opened {
  blobs: BlobStorage;
  /** Another controller's, of the same storage. */
  again(): Promise<BlobStorage>;
  /** What relative presigned URLs are relative to. */
  endpoint: string;
  /** What the store keeps of puts that didn't end well. */
  halfDone(): Promise<string[]>;
  close(): Promise<void>;
}

export const SECRET = 'a secret of these tests, and of nobody else';
/** So small that tests see more than one page. */
const PAGE_SIZE = 10;

export const FS: Implementation = {
  name: 'fs',
  relayed: true,
  async open(folder, now) {
    const again = () => openFsBlobs({ folder, secret: SECRET, now });
    const blobs = await again();
    return { ...(await serve(blobs)), blobs, again, halfDone: () => readdir(join(folder, 'incoming')) };
  },
};

/** A storage in a container of a real Swift. With `relayed`, agents don't reach it. */
export function inSwift(
  name: string,
  pick: (container: SwiftContainer) => BlobSettings,
  { relayed = false }: { relayed?: boolean } = {},
): Implementation {
  let swift: SwiftServer;
  return {
    name,
    relayed,
    async start() {
      swift = await startSwift();
    },
    async stop() {
      await swift.stop();
    },
    async open(_folder, now) {
      const settings = pick(await swift.newContainer());
      const again = () => openBlobs(settings, { secret: SECRET, now, pageSize: PAGE_SIZE });
      const blobs = await again();
      const served = await serve(blobs);
      const openUploads = () => Array.fromAsync(blobs.uploads.list('', new AbortController().signal));
      return {
        ...served,
        blobs,
        again,
        halfDone: async () => (await openUploads()).map(({ key }) => key),
      };
    },
  };
}
