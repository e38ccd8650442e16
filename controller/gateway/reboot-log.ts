import type { Clock } from '#controller/clock';
import type { LogWriter } from '#controller/logs';

/** What the log of a reboot tells: three lines at most, each once, however often its controller is started anew meanwhile. */
export interface RebootLog {
  /** The agent has lost its connection: the machine goes down. */
  gone(): void;
  back(line: string): void;
}

const GONE = 'its agent is gone\n';

/** Begins with the line, which is the same each time. */
export function createRebootLog(writer: LogWriter, clock: Clock, line: string): RebootLog {
  const first = Buffer.byteLength(line) + 1;
  const second = first + Buffer.byteLength(GONE);
  append(0, `${line}\n`);

  return {
    gone() {
      if (length() === first) append(first, GONE);
    },
    back(text) {
      // What is longer tells of it already.
      if (length() <= second) append(length(), `${text}\n`);
    },
  };

  function length(): number {
    return writer.stored + writer.pending;
  }

  /** A disk that fails shows when the log is finished. What the log has already is dropped. */
  function append(offset: number, text: string): void {
    writer.append(offset, clock.now(), Buffer.from(text)).catch(() => undefined);
  }
}
