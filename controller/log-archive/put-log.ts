import type { Blobs } from '#controller/blobs';
import type { LogId, SealedLog } from '#controller/logs';
import { createSeekableWriter } from '#shared/seekable';
import { logKeysOf } from './blob-key.ts';

/** What reading a line costs; a quarter of a megabyte of text is compressed nearly as well as all of it. */
const FRAME_BYTES = 256 * 1024;
/** Zstandard's own default. */
const LEVEL = 3;

/** Puts a log and its index into the storage, in place of what is there of them. Resolves with the bytes that they take. */
export async function putLog(blobs: Blobs, id: LogId, log: SealedLog, signal: AbortSignal): Promise<number> {
  const keys = logKeysOf(id);
  const stored = await blobs.put(keys.log, compressed(log), {}, signal);
  const index = await log.index();
  await blobs.put(keys.index, index, { bytes: index.length }, signal);
  return stored.bytes + index.length;
}

export async function removeLog(blobs: Blobs, id: LogId, signal: AbortSignal): Promise<void> {
  const keys = logKeysOf(id);
  await blobs.remove(keys.log, signal);
  await blobs.remove(keys.index, signal);
}

/** The log in Zstandard's seekable format, a frame at a time. */
async function* compressed({ size, content }: SealedLog): AsyncGenerator<Buffer> {
  const ready: Buffer[] = [];
  const writer = createSeekableWriter((piece) => void ready.push(piece), {
    frameBytes: FRAME_BYTES,
    level: LEVEL,
  });
  for await (const bytes of content()) {
    await writer.write(bytes);
    yield* ready.splice(0);
  }
  // Nothing is stored then: the file was cut, or is gone.
  if (writer.bytes !== size.bytes)
    throw new Error(`the log on the disk has ${writer.bytes} bytes instead of ${size.bytes}`);
  await writer.end();
  yield* ready.splice(0);
}
