import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#controller/clock';
import { codeOf } from '#controller/files';
import { forgetRecording, type Store } from '#controller/store';

/** Recordings of terminals: one file a session, in a folder a hold. */
export interface Recordings {
  /** Removes those that are too old. Gives when to look again, in milliseconds since the epoch. */
  run(signal: AbortSignal): Promise<number>;
}

interface Deps {
  store: Store;
  clock: Clock;
  folder: string;
  /** Milliseconds. */
  keepMs(): number;
}

const LOOK_AGAIN_MS = 3_600_000;
const SUFFIX = '.cast';

export function recordingFile(folder: string, holdId: string, sessionId: string): string {
  return join(folder, holdId, `${sessionId}${SUFFIX}`);
}

export function createRecordings({ store, clock, folder, keepMs }: Deps): Recordings {
  return {
    async run(signal) {
      const before = clock.now() - keepMs();
      for (const holdId of await namesIn(folder)) await prune(holdId, before, signal);
      return clock.now() + LOOK_AGAIN_MS;
    },
  };

  async function prune(holdId: string, before: number, signal: AbortSignal): Promise<void> {
    const names = await namesIn(join(folder, holdId));
    let left = names.length;
    for (const name of names) {
      signal.throwIfAborted();
      const file = join(folder, holdId, name);
      if ((await stat(file)).mtimeMs >= before) continue;
      await forgetRecording(store.db, name.slice(0, -SUFFIX.length));
      await rm(file, { force: true });
      left -= 1;
    }
    if (left === 0) await rm(join(folder, holdId), { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
