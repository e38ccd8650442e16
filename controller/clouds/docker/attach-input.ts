import type Docker from 'dockerode';
import type { Duplex } from 'node:stream';

interface Modem {
  dial(request: object, done: (error: Error | null, stream: Duplex) => void): void;
}

const STATUS_CODES = { 200: true, 404: 'no such container', 500: 'server error' };

/**
 * Attaches to a container's standard input. The request is our own, with an empty body of a known length: dockerode's sends its options as
 * the body, which an engine that has already switched to the raw stream would take for input.
 */
export function attachInput(docker: Docker, id: string, abortSignal: AbortSignal): Promise<Duplex> {
  const request = {
    path: `/containers/${id}/attach?`,
    method: 'POST',
    options: { stream: true, stdin: true },
    file: Buffer.alloc(0),
    hijack: true,
    isStream: true,
    statusCodes: STATUS_CODES,
    abortSignal,
  };
  return new Promise((resolve, reject) => {
    (docker.modem as Modem).dial(request, (error, stream) => {
      if (error !== null) return reject(error);
      // A connection that breaks shows in the answer to the request that follows.
      stream.on('error', () => {});
      stream.resume();
      resolve(stream);
    });
  });
}
