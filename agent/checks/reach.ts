import { describeError } from './describe-error.ts';
import { connectPlace, parsePlace } from './place.ts';

/**
 * Connects to `host:port`, or asks an URL for its head. Any answer of a server is good, be it a refusal: the way to it is what is looked at.
 *
 * @throws Error that says how far it came
 */
export async function reach(target: string, signal: AbortSignal): Promise<void> {
  if (/^https?:/.test(target)) return askHead(new URL(target), signal);
  await connectPlace(parsePlace(target), signal);
}

async function askHead(url: URL, signal: AbortSignal): Promise<void> {
  const isSecure = url.protocol === 'https:';
  const { request } = await (isSecure ? import('node:https') : import('node:http'));
  const answered = Promise.withResolvers<void>();
  let stage = `no connection to ${url.host}`;
  // A connection of its own, with the system's own rules for certificates.
  const asking = request(url, { method: 'HEAD', agent: false, signal });
  asking.on('socket', (socket) => {
    socket.once('connect', () => {
      stage = isSecure ? `${url.host} failed at TLS` : `${url.host} did not answer`;
    });
    socket.once('secureConnect', () => {
      stage = `${url.host} did not answer`;
    });
  });
  asking.on('response', () => answered.resolve());
  asking.on('error', (error) =>
    answered.reject(new Error(`${stage}: ${describeError(error)}`, { cause: error })),
  );
  asking.end();
  try {
    await answered.promise;
  } finally {
    asking.destroy();
  }
}
