import { existsSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Resolves once the file is there; its folder must be. Rejects with the signal's reason when that comes first. */
export function waitForFile(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(asError(signal.reason));
    const watcher = watch(dirname(path));
    watcher.on('change', look);
    watcher.on('error', (error) => settle(() => reject(error)));
    signal.addEventListener('abort', giveUp, { once: true });
    // It may have come before the watch began.
    look();

    function look(): void {
      if (existsSync(path)) settle(resolve);
    }
    function giveUp(): void {
      settle(() => reject(asError(signal.reason)));
    }
    function settle(end: () => void): void {
      watcher.close();
      signal.removeEventListener('abort', giveUp);
      end();
    }
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
