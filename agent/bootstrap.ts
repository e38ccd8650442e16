import { readSync } from 'node:fs';
import type { Bootstrap } from '#shared/protocol';

/** The bootstrap line is a few hundred bytes; whatever is longer is not one. */
const MAX_LINE_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * The bootstrap line from a file descriptor; undefined if the input ends before the line does, which is how a launch that was cut short
 * cleans up. It waits for the line and for nothing else: there is nothing yet to do meanwhile.
 *
 * @throws Error if the line is not a bootstrap, or the descriptor can't be read
 */
export function readBootstrap(input: number): Bootstrap | undefined {
  const line = readLine(input);
  return line === undefined ? undefined : parseBootstrap(line);
}

function readLine(input: number): string | undefined {
  const buffer = Buffer.alloc(MAX_LINE_BYTES);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(input, buffer, length, buffer.length - length, null);
    const end = buffer.subarray(0, length + count).indexOf(NEWLINE, length);
    if (end !== -1) return buffer.toString('utf8', 0, end);
    if (count === 0) return undefined;
    length += count;
  }
  throw new Error('the bootstrap line is too long');
}

/** By hand: the schema is the controller's, and would make the agent start later (see link/parse-order.ts). */
function parseBootstrap(line: string): Bootstrap {
  const given = JSON.parse(line) as Partial<Record<keyof Bootstrap, unknown>>;
  const { node, endpoint, token, root } = given;
  if (isText(node) && isText(endpoint) && isText(token) && isText(root))
    return { node, endpoint, token, root };
  // The values stay out of the message: one of them is a token.
  throw new Error('the bootstrap line lacks a node, an endpoint, a token or a root');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
