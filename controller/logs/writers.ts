import { constants } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { FootmanError } from '#shared/errors';
import { createClosedWriter } from './closed-writer.ts';
import { openIfThere } from './files.ts';
import type { LiveLogs } from './live-logs.ts';
import { logFiles, logKey, type LogFiles, type LogId } from './log-id.ts';
import type { LogSize } from './log-size.ts';
import { createLogWriter, type LogWriter, type WriterDeps } from './log-writer.ts';
import { repair } from './repair.ts';

/** The logs' writers: one for each log at a time. */
export interface Writers {
  open(id: LogId): Promise<LogWriter>;
  /** Releases all writers. */
  close(): Promise<void>;
}

interface Deps {
  folder: string;
  lives: LiveLogs;
  limits: { pendingBytes: number; logBytes: number };
  /** The size of a log that has left the disk; undefined for one that has not. */
  archived(id: LogId): Promise<LogSize | undefined>;
}

interface Slot {
  writer?: Promise<LogWriter>;
  closed?: Promise<void>;
}

export function createWriters({ folder, lives, limits, archived }: Deps): Writers {
  const slots = new Map<string, Slot>();

  async function openWriter(id: LogId): Promise<LogWriter> {
    const key = logKey(id);
    await slots.get(key)?.closed;
    if (slots.has(key)) throw new FootmanError('conflict', `the log ${key} has a writer already`);
    const slot: Slot = {};
    slots.set(key, slot);
    try {
      slot.writer = start(key, id, slot);
      return await slot.writer;
    } catch (error) {
      slots.delete(key);
      throw error;
    }
  }

  async function start(key: string, id: LogId, slot: Slot): Promise<LogWriter> {
    const files = logFiles(folder, id);
    const known = await openIfThere(files.log);
    await known?.close();
    // An empty file would hide what the archive has.
    const away = known === undefined ? await archived(id) : undefined;
    if (away !== undefined)
      return enter(key, slot, away, ({ releasing }) => createClosedWriter(away, releasing));
    const { log, index } = await openFiles(files);
    const repaired = await repair(log, index).catch(async (error: unknown) => {
      await Promise.allSettled([log.close(), index.close()]);
      throw error;
    });
    const { growth, complete } = repaired;
    const size = { bytes: growth.bytes, lines: growth.lines, complete };
    return enter(key, slot, size, (heard) => createLogWriter({ log, index, repaired, limits, ...heard }));
  }

  /** Whoever follows the log knows from its writer how far it is. */
  function enter(
    key: string,
    slot: Slot,
    size: LogSize,
    create: (heard: Pick<WriterDeps, 'changed' | 'releasing'>) => LogWriter,
  ): LogWriter {
    const live = lives.enter(key);
    live.size = size;
    return create({
      changed: (size) => {
        live.size = size;
        live.notify();
      },
      releasing: (closing) => {
        slot.closed = closing.then(() => {
          live.size = undefined;
          live.leave();
          slots.delete(key);
        });
      },
    });
  }

  async function close(): Promise<void> {
    await Promise.allSettled(Array.from(slots.values(), async (slot) => (await slot.writer)?.release()));
  }

  return { open: openWriter, close };
}

async function openFiles({ folder, log, index }: LogFiles): Promise<{ log: FileHandle; index: FileHandle }> {
  await mkdir(folder, { recursive: true });
  const logFile = await open(log, READ_WRITE);
  try {
    return { log: logFile, index: await open(index, READ_WRITE) };
  } catch (error) {
    await logFile.close();
    throw error;
  }
}

/** Made if missing, never cut. */
const READ_WRITE = constants.O_RDWR | constants.O_CREAT;
