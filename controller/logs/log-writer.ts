import type { FileHandle } from 'node:fs/promises';
import { FootmanError } from '#shared/errors';
import { writeFully } from './files.ts';
import type { LogSize } from './log-size.ts';
import type { Repaired } from './repair.ts';

/** Appends to one log. A log has one writer at a time. */
export interface LogWriter {
  /** Bytes that are stored: what may be acknowledged, and where an agent goes on after a reconnection. */
  readonly stored: number;
  /** Bytes that were taken and wait for the disk. */
  readonly pending: number;
  /** The log was finished, by this writer or an earlier one. */
  readonly complete: boolean;
  /**
   * Takes the bytes of the log at `offset`, which came at `time` (milliseconds since the epoch), and resolves, once they are stored,
   * with the log's stored bytes. Calls need not wait for each other; their order counts. What the log already has is dropped, so that
   * an agent may send it again. The bytes must not change until then.
   *
   * @throws FootmanError `protocol-violation` for a gap, for new bytes after `finish`, and beyond the limits. Nothing is taken then.
   * @throws the disk's error, from then on from every call: release the writer, and open the log again to learn what is stored.
   */
  append(offset: number, time: number, bytes: Buffer): Promise<number>;
  /** Waits for what was taken, puts everything on the disk itself, and makes the log complete. Finishing again changes nothing. */
  finish(): Promise<LogSize>;
  /** Waits for what was taken and closes the files. The log stays open for another writer unless it is complete. Never throws. */
  release(): Promise<void>;
}

export interface WriterDeps {
  log: FileHandle;
  index: FileHandle;
  repaired: Repaired;
  limits: { pendingBytes: number; logBytes: number };
  /** Called whenever more is stored, or the log became complete. */
  changed(size: LogSize): void;
  /** Called when the writer is released, with what resolves once its files are closed. */
  releasing(closed: Promise<void>): void;
}

interface Batch {
  frames: { time: number; bytes: Buffer }[];
  stored: PromiseWithResolvers<number>;
}

/**
 * Frames that arrive while the disk is busy form the next batch, which is one system call however many there are. The lines of a batch
 * are counted while the disk takes it, and its index records are written after it: an index never runs ahead of its log.
 */
export function createLogWriter(deps: WriterDeps): LogWriter {
  const { log, index, repaired, limits } = deps;
  const { growth } = repaired;
  let { indexBytes, complete } = repaired;
  let ending: Promise<LogSize> | undefined;
  let stored = growth.bytes;
  let taken = stored;
  let failure: unknown;
  let waiting = newBatch();
  let writing: Promise<void> | undefined;
  let last = Promise.resolve(stored);
  let released: Promise<void> | undefined;

  function append(offset: number, time: number, bytes: Buffer): Promise<number> {
    const refusal = whyNot(offset, bytes.length);
    if (refusal !== undefined) return Promise.reject(refusal);
    const fresh = bytes.subarray(taken - offset);
    if (fresh.length === 0) return last;
    taken += fresh.length;
    waiting.frames.push({ time, bytes: fresh });
    last = waiting.stored.promise;
    writing ??= writeAll();
    return last;
  }

  function whyNot(offset: number, length: number): unknown {
    if (failure !== undefined) return failure;
    if (offset > taken) return violation(`the log has ${taken} bytes, and the next came at ${offset}`);
    const end = offset + length;
    if (end <= taken) return undefined;
    if (complete || ending !== undefined || released !== undefined)
      return violation(`a log of ${taken} bytes grew after its end`);
    if (end > limits.logBytes) return violation(`a log may have at most ${limits.logBytes} bytes`);
    if (end - stored > limits.pendingBytes)
      return violation('log bytes came faster than they were acknowledged');
    return undefined;
  }

  async function writeAll(): Promise<void> {
    while (waiting.frames.length > 0) {
      const batch = waiting;
      waiting = newBatch();
      try {
        await writeBatch(batch);
      } catch (error) {
        failure ??= error;
        batch.stored.reject(error);
        waiting.stored.reject(error);
        waiting.stored.promise.catch(() => {});
        break;
      }
    }
    writing = undefined;
  }

  async function writeBatch(batch: Batch): Promise<void> {
    const written = writeFully(
      log,
      batch.frames.map((frame) => frame.bytes),
      stored,
    );
    const records = batch.frames.map(({ time, bytes }) => growth.add(time, bytes));
    await written;
    stored = growth.bytes;
    batch.stored.resolve(stored);
    deps.changed(size());
    await writeIndex(records.filter((record) => record !== undefined));
  }

  async function writeIndex(records: Buffer[]): Promise<void> {
    if (records.length === 0) return;
    await writeFully(index, records, indexBytes);
    for (const record of records) indexBytes += record.length;
  }

  async function end(): Promise<LogSize> {
    await writing;
    if (failure !== undefined) throw failure;
    if (complete) return size();
    await log.datasync();
    await writeIndex([growth.complete()]);
    await index.datasync();
    complete = true;
    deps.changed(size());
    return size();
  }

  function size(): LogSize {
    return { bytes: stored, lines: growth.lines, complete };
  }

  async function close(): Promise<void> {
    await Promise.allSettled([writing, ending]);
    await Promise.allSettled([log.close(), index.close()]);
  }

  function release(): Promise<void> {
    if (released !== undefined) return released;
    released = close();
    deps.releasing(released);
    return released;
  }

  return {
    get stored() {
      return stored;
    },
    get pending() {
      return taken - stored;
    },
    get complete() {
      return complete;
    },
    append,
    finish: () => (ending ??= end()),
    release,
  };
}

function newBatch(): Batch {
  return { frames: [], stored: Promise.withResolvers<number>() };
}

function violation(message: string): FootmanError {
  return new FootmanError('protocol-violation', message);
}
