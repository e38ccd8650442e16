import type { Readable } from 'node:stream';
import { outgoingStream } from '../body.ts';
import type { Content } from '../store.ts';

/** Sends content as the body of one request. The client waits for ever for a stream that broke off: its signal ends that. */
export async function sendContent<T>(
  content: Content,
  signal: AbortSignal,
  send: (body: Buffer | Readable, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (content instanceof Uint8Array) return send(content, signal);
  using outgoing = outgoingStream(content, signal);
  return await send(outgoing.body, outgoing.signal);
}
