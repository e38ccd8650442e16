import type { Socket } from 'node:net';

const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Upgrades the connection to a WebSocket (RFC 6455, section 4) and resolves with what the server sent right behind its answer.
 *
 * The key and its echo exist so that caches and servers which know no WebSocket are noticed. The first message of the protocol does
 * that too, so the echo is not computed: it alone would load all of OpenSSL when the agent starts.
 *
 * @throws Error if the server answers anything else, nothing within `timeoutMs`, or closes
 */
export async function upgrade(
  socket: Socket,
  host: string,
  path: string,
  timeoutMs: number,
): Promise<Buffer> {
  const key = Buffer.from(Array.from({ length: 16 }, () => Math.floor(Math.random() * 256)));
  socket.write(
    [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${key.toString('base64')}`,
      '',
      '',
    ].join('\r\n'),
  );
  const { head, rest } = await readHead(socket, timeoutMs);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  if (status !== '101') throw new Error(`the controller answered ${status ?? 'no HTTP'}`);
  if (!/^upgrade:\s*websocket\s*$/im.test(head))
    throw new Error('the controller did not upgrade the connection');
  return rest;
}

async function readHead(socket: Socket, timeoutMs: number): Promise<{ head: string; rest: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ head: string; rest: Buffer }>();
  let received: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const closed = () => reject(new Error('the connection closed before the answer'));
  socket.on('data', take).on('error', reject).on('close', closed);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.off('data', take).off('error', reject).off('close', closed);
  }

  function take(chunk: Buffer): void {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf('\r\n\r\n');
    // Whoever reads on puts its listener first: nothing may arrive unheard.
    if (end !== -1) {
      socket.pause();
      resolve({ head: received.toString('latin1', 0, end), rest: received.subarray(end + 4) });
    } else if (received.length > MAX_HEAD_BYTES) reject(new Error('the answer is too long'));
  }
}
