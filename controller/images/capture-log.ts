import type { Clock } from '#controller/clock';
import type { LogId, Logs } from '#controller/logs';

/** What the log of a snapshot tells: two lines, each once, however often its controller is started anew meanwhile. */
export interface CaptureLog {
  begin(): Promise<void>;
  /** Completes the log with what came of it. */
  end(line: string): Promise<{ bytes: number; lines: number }>;
}

export function createCaptureLog(logs: Logs, clock: Clock, id: LogId, firstLine: string): CaptureLog {
  const first = Buffer.from(`${firstLine}\n`);

  return {
    async begin() {
      const writer = await logs.open(id);
      try {
        if (!writer.complete) await writer.append(0, clock.now(), first);
      } finally {
        await writer.release();
      }
    },
    async end(line) {
      const writer = await logs.open(id);
      try {
        // What is longer tells of it already.
        if (!writer.complete && writer.stored === first.length)
          await writer.append(first.length, clock.now(), Buffer.from(`${line}\n`));
        return await writer.finish();
      } finally {
        await writer.release();
      }
    },
  };
}
