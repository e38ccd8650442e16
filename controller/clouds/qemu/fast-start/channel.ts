import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { FootmanError, messageOf } from '#shared/errors';
import { CHANNEL, connectIn } from '../machine/index.ts';

/** The line to the program in a guest: no network, and nobody else in the guest but root can read it. */
export interface Channel {
  /** Sends an order; resolves with its answer. */
  order(order: object): Promise<unknown>;
  close(): void;
}

const Answer = z.union([z.object({ error: z.string() }), z.unknown()]);
/** A guest without KVM, on a machine that is busy, takes seconds for what is done in one. */
const LIMIT_MS = 60_000;

/** @throws FootmanError `cloud-unavailable` where the machine has no such line */
export async function openChannel(folder: string, signal: AbortSignal): Promise<Channel> {
  try {
    return channelOf(await connectIn(folder, CHANNEL, signal), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new FootmanError('cloud-unavailable', `the machine's channel: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function channelOf(socket: Socket, signal: AbortSignal): Channel {
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const closed = once(socket, 'close').then(() => Promise.reject(new Error('it was closed')));
  closed.catch(() => undefined);
  socket.on('error', () => undefined);
  const close = (): void => void socket.destroy();
  return { order, close };

  async function order(given: object): Promise<unknown> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    limit.addEventListener('abort', close, { once: true });
    try {
      socket.write(`${JSON.stringify(given)}\n`);
      const line = await Promise.race([lines.next(), closed]);
      const answer = Answer.parse(JSON.parse(String(line.value)));
      if (typeof answer === 'object' && answer !== null && 'error' in answer)
        throw new Error(String(answer.error));
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      const sentence = limit.aborted ? 'the guest does not answer' : `the guest: ${messageOf(error)}`;
      throw new FootmanError('cloud-unavailable', sentence, { cause: error });
    } finally {
      limit.removeEventListener('abort', close);
    }
  }
}
