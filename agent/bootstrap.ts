import type { Readable } from 'node:stream';
import { Bootstrap } from '#shared/protocol';

/** The bootstrap line is a few hundred bytes; whatever is longer is not one. */
const MAX_LINE_BYTES = 64 * 1024;

/**
 * The bootstrap line from standard input; undefined if the input ends before the line does, which is how a launch that was cut short
 * cleans up. The rest of the input is not read.
 *
 * @throws Error if the line is not a bootstrap
 */
export async function readBootstrap(input: Readable): Promise<Bootstrap | undefined> {
  const line = await readLine(input);
  if (line === undefined) return undefined;
  const parsed = Bootstrap.safeParse(JSON.parse(line));
  if (parsed.success) return parsed.data;
  // The values stay out of the message: one of them is a token.
  throw new Error(`the bootstrap line is wrong at ${parsed.error.issues[0]?.path.join('.') || 'its top'}`);
}

function readLine(input: Readable): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const chunks: Buffer[] = [];
  let length = 0;
  input.on('data', (chunk: Buffer) => {
    const end = chunk.indexOf('\n');
    chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
    length += chunk.length;
    if (end !== -1) resolve(Buffer.concat(chunks).toString());
    else if (length > MAX_LINE_BYTES) reject(new Error('the bootstrap line is too long'));
  });
  input.on('end', () => resolve(undefined));
  input.on('error', reject);
  return promise.finally(() => input.destroy());
}
