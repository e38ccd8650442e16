import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BlobStorage } from '#controller/blobs';

interface Served {
  endpoint: string;
  /** Resolves when the first request was dealt with. */
  firstEnded: Promise<void>;
  close(): Promise<void>;
}

/** A server of its own for the requests that go through a controller. */
export async function serve(blobs: BlobStorage): Promise<Served> {
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
