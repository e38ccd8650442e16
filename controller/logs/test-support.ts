import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createLogs, type LogId, type LogRange, type Logs, type LogWriter } from './index.ts';

export const ID: LogId = { build: 'b1', job: 'j1', step: 's1' };
export const KIB = 1024;

/** A signal that never aborts. */
export const never: AbortSignal = new AbortController().signal;

/** Logs in a folder of their own, fresh for each test. */
export interface Context {
  readonly folder: string;
  readonly logs: Logs;
  /** The files of `ID`. */
  logFile(): string;
  indexFile(): string;
  text(range: LogRange): Promise<string>;
}

export function useLogs(): Context {
  let folder: string;
  let logs: Logs;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footman-logs-'));
    logs = createLogs({ folder });
  });

  afterEach(async () => {
    await logs.close();
    await rm(folder, { recursive: true });
  });

  return {
    get folder() {
      return folder;
    },
    get logs() {
      return logs;
    },
    logFile: () => join(folder, 'b1', 'j1', 's1.log'),
    indexFile: () => join(folder, 'b1', 'j1', 's1.idx'),
    text: async (range) => joined((await logs.read(ID, range, never)).content),
  };
}

export function append(writer: LogWriter, content: string, offset = 0): Promise<number> {
  return writer.append(offset, 1000, Buffer.from(content));
}

export async function joined(content: AsyncIterable<Buffer>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(content)).toString();
}
