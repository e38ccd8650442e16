import { EventEmitter, once } from 'node:events';
import type { LogSize } from './log-size.ts';

/** What this process knows of a log that is being written or followed. */
export interface LiveLog {
  /** How far the log is stored, while it has a writer; undefined while only the disk knows. */
  size: LogSize | undefined;
  /** Counts changes, so that none is missed between looking and waiting. */
  readonly version: number;
  notify(): void;
  /** Waits until there was a change after `version`. Rejects when the signal aborts. */
  changedSince(version: number, signal: AbortSignal): Promise<void>;
  /** Gives up one use; the last one forgets the log. */
  leave(): void;
}

/** The logs in use. One that nobody writes or follows takes no memory. */
export interface LiveLogs {
  /** The log, in use until `leave`. */
  enter(key: string): LiveLog;
  sizeOf(key: string): LogSize | undefined;
}

export function createLiveLogs(): LiveLogs {
  const logs = new Map<string, { live: LiveLog; users: number }>();

  function enter(key: string): LiveLog {
    const entry = logs.get(key) ?? { live: createLiveLog(() => leave(key)), users: 0 };
    entry.users++;
    logs.set(key, entry);
    return entry.live;
  }

  function leave(key: string): void {
    const entry = logs.get(key);
    if (entry !== undefined && --entry.users === 0) logs.delete(key);
  }

  return { enter, sizeOf: (key) => logs.get(key)?.live.size };
}

function createLiveLog(leave: () => void): LiveLog {
  const changes = new EventEmitter().setMaxListeners(0);
  let version = 0;
  return {
    size: undefined,
    get version() {
      return version;
    },
    notify() {
      version++;
      changes.emit('change');
    },
    async changedSince(seen, signal) {
      signal.throwIfAborted();
      if (seen === version) await once(changes, 'change', { signal });
    },
    leave,
  };
}
