import { watch } from 'node:fs';

/** Looks now and after each change in the folder, until there is something to see. Rejects with the signal's reason. */
export function watchUntil<T>(folder: string, look: () => T | undefined, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const watcher = watch(folder);
    watcher.on('change', lookAgain);
    watcher.on('error', (error) => settle(() => reject(error)));
    signal.addEventListener('abort', giveUp, { once: true });
    // It may have come before the watch began.
    lookAgain();

    function lookAgain(): void {
      try {
        const seen = look();
        if (seen !== undefined) settle(() => resolve(seen));
      } catch (error) {
        settle(() => reject(error));
      }
    }
    function giveUp(): void {
      settle(() => reject(signal.reason));
    }
    function settle(end: () => void): void {
      watcher.close();
      signal.removeEventListener('abort', giveUp);
      end();
    }
  });
}
