import type { Readable } from 'node:stream';

type Output = Readable & { readonly bytesRead: number };

/** Without output for so long, a process that is gone left it to one that it started, which may hold it for ever (L18). */
const LINGER_MS = 2_000;
/** More than what the system holds of what a process wrote before its end. What comes beyond it is another's. */
const LINGER_BYTES = 4 * 1024 * 1024;

/** Resolves when all outputs of a process that is gone have ended, or nothing of its own can come any more. `isHeldUp`: they can't be read now. */
export async function settled(outputs: readonly Output[], isHeldUp: () => boolean): Promise<void> {
  const closed = Promise.all(outputs.map(whenClosed));
  const first = bytesRead(outputs);
  for (let seen = first; !(await isWithin(closed, LINGER_MS)); seen = bytesRead(outputs)) {
    const now = bytesRead(outputs);
    if (now - first > LINGER_BYTES || (now === seen && !isHeldUp())) return;
  }
}

function bytesRead(outputs: readonly Output[]): number {
  return outputs.reduce((sum, output) => sum + output.bytesRead, 0);
}

async function whenClosed(output: Output): Promise<void> {
  if (output.closed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  output.once('close', resolve);
  await promise;
}

async function isWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  const isIn = await Promise.race([promise.then(() => true), late.promise]);
  clearTimeout(timer);
  return isIn;
}
