import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { pipeline } from 'node:stream';
import { FootmanError } from '#shared/errors';
import type { Terminal } from '../client/index.ts';
import type { Context } from '../context.ts';
import { createInterrupts } from '../interrupt.ts';
import { plainLineEnds } from './line-ends.ts';

/** End of input, for what reads lines from a terminal. */
const END_OF_INPUT = '\x04';

/**
 * Joins a terminal on a node with the one that this command runs in until its process ends, and resolves with the exit code that means. This
 * terminal is always as it was before, afterwards.
 *
 * @throws FootmanError why it was cut off
 */
export async function attachTerminal({ out }: Context, terminal: Terminal): Promise<number> {
  const { stream, ended } = terminal;
  const interrupts = createInterrupts();
  const leave = (): void => void stream.destroy();
  interrupts.next().addEventListener('abort', leave, { once: true });
  out.closed.addEventListener('abort', leave, { once: true });
  const release = process.stdin.isTTY ? joinInput(terminal) : endInput(terminal);
  const shown = out.isTerminal ? stream : pipeline(stream, plainLineEnds(), () => undefined);
  try {
    for await (const bytes of shown as AsyncIterable<Buffer>) await out.write(bytes);
    const end = await ended;
    if (end !== null) return end.signal === null ? (end.exit ?? 0) : 128 + numberOf(end.signal);
    throw new FootmanError('node-unreachable', 'the connection to the node was lost');
  } catch (error) {
    if (interrupts.count() > 0) throw new FootmanError('cancelled', 'interrupted');
    throw error;
  } finally {
    release();
    interrupts.close();
    stream.destroy();
  }
}

/** Keys go to the node one by one, interrupts included, and it learns of a new size. Returns the way back. */
function joinInput({ stream, resize }: Terminal): () => void {
  const { stdin, stdout } = process;
  const type = (bytes: Buffer): void => {
    if (!stream.write(bytes)) stdin.pause();
  };
  const go = (): void => void stdin.resume();
  const fit = (): void => {
    const { columns, rows } = screenSize();
    resize(columns, rows);
  };
  stdin.setRawMode(true);
  // Node.js lets a raw terminal change line ends still. This one's were changed on the node, and full screens want theirs as they are. What
  // there was before is what Node.js goes back to.
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  stdin.on('data', type);
  stream.on('drain', go);
  stdout.on('resize', fit);
  fit();
  return () => {
    stdin.off('data', type).pause();
    stream.off('drain', go);
    stdout.off('resize', fit);
    stdin.setRawMode(false);
  };
}

/** A command that reads its terminal finds the end of it. */
function endInput({ stream }: Terminal): () => void {
  stream.write(END_OF_INPUT);
  return () => undefined;
}

/** Of the terminal that this command shows things on; as terminals once were where it has none, or nobody told it. */
export function screenSize(): { columns: number; rows: number } {
  const { columns, rows } = process.stdout;
  return { columns: columns || 80, rows: rows || 24 };
}

/** `TERM` or `SIGTERM`; 0 for one that this system does not know. */
function numberOf(signal: string): number {
  const name = signal.startsWith('SIG') ? signal : `SIG${signal}`;
  return (constants.signals as Partial<Record<string, number>>)[name] ?? 0;
}
