import { once } from 'node:events';
import type { Session } from '#controller/access';
import type { Line } from './line.ts';

/**
 * One terminal from its opening to its end, each side at the other's pace.
 *
 * @throws FootmanError where access ends before the process does, the client is given up, or there is none at all
 */
export async function serveTerminal(
  line: Line,
  open: () => Promise<Session>,
  signal: AbortSignal,
): Promise<void> {
  const { channel, cut } = await open();
  const { stream, stderr, ended } = channel;
  const over = AbortSignal.any([signal, cut]);
  const close = (): void => channel.close();
  over.addEventListener('abort', close, { once: true });
  try {
    over.throwIfAborted();
    // With a terminal there is none.
    stderr.resume();
    stream.on('error', () => undefined);
    line.listen({
      bytes: (bytes) => (stream.writable && !stream.write(bytes) ? drained(stream, over) : undefined),
      resize: (columns, rows) => channel.resize(columns, rows),
    });
    for await (const bytes of untilOver(stream)) await line.show(bytes);
    const end = await ended;
    over.throwIfAborted();
    line.end({ type: 'exit', exit: end?.exit ?? null, signal: end?.signal ?? null });
  } finally {
    over.removeEventListener('abort', close);
    close();
  }
}

/** What the node shows, until its channel is over, in whatever way. */
async function* untilOver(stream: Session['channel']['stream']): AsyncGenerator<Buffer> {
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch {
    // How it ended is told by the channel, or by whoever cut it.
  }
}

async function drained(stream: Session['channel']['stream'], over: AbortSignal): Promise<void> {
  try {
    await once(stream, 'drain', { signal: over });
  } catch {
    // It is closed: what comes is nobody's any more.
  }
}
