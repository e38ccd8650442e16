import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { codeOf } from '#controller/files';
import { FootmanError } from '#shared/errors';
import { connectIn } from './folder-socket.ts';
import { MONITOR, type MachineFolder } from './machine-folder.ts';
import { parseQmpMessage } from './qmp-message.ts';

/** A conversation with the monitor of a QEMU. Commands go one after the other. */
export interface Qmp {
  /** @throws FootmanError `cloud-unavailable` with QEMU's own sentence, or when it ends meanwhile. */
  execute(command: string, options?: object): Promise<unknown>;
}

/** QEMU answers at once, unless it is stuck or waits for its disk. */
const LIMIT_MS = 10_000;
/** QEMU hears one at a time and lets two wait; others come back after this. */
const TURN_MS = 20;

/**
 * Talks with the machine's QEMU. It hears one at a time, so conversations are short; `use` gets ten seconds unless told otherwise.
 *
 * @throws FootmanError `cloud-unavailable` when no QEMU answers.
 */
export async function withQmp<T>(
  folder: MachineFolder,
  signal: AbortSignal,
  use: (qmp: Qmp) => Promise<T>,
  limitMs = LIMIT_MS,
): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await converse(folder, AbortSignal.any([signal, limit]), use);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof FootmanError) throw error;
    const sentence = limit.aborted ? 'QEMU did not answer in time' : 'QEMU does not answer';
    throw new FootmanError('cloud-unavailable', sentence, { cause: error });
  }
}

async function converse<T>(
  folder: MachineFolder,
  signal: AbortSignal,
  use: (qmp: Qmp) => Promise<T>,
): Promise<T> {
  const socket = await connectTo(folder, signal);
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const end = (): void => void socket.destroy(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  socket.on('error', ended.reject);
  socket.on('close', () => ended.reject(new Error('QEMU ended the conversation')));
  try {
    const replies = repliesOf(socket);
    await Promise.race([replies.next(), ended.promise]);
    const qmp: Qmp = { execute };
    await execute('qmp_capabilities');
    return await use(qmp);

    async function execute(command: string, options?: object): Promise<unknown> {
      socket.write(`${JSON.stringify({ execute: command, arguments: options })}\n`);
      const reply = await Promise.race([replies.next(), ended.promise]);
      if (reply.value?.type === 'return') return reply.value.value;
      const sentence = reply.value?.type === 'error' ? reply.value.sentence : 'an answer that is none';
      throw new FootmanError('cloud-unavailable', `QEMU refuses ${command}: ${sentence}`);
    }
  } finally {
    signal.removeEventListener('abort', end);
    socket.destroy();
  }
}

async function connectTo(folder: MachineFolder, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await connectIn(folder.path, MONITOR, signal);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      await setTimeout(TURN_MS, undefined, { signal });
    }
  }
}

/** What answers, the greeting first; events are left out. */
async function* repliesOf(socket: Socket) {
  // A socket's error is heard elsewhere; the lines just end.
  const lines = createInterface({ input: socket, crlfDelay: Infinity });
  for await (const line of lines) {
    const message = parseQmpMessage(line);
    if (message !== undefined && message.type !== 'event') yield message;
  }
}
