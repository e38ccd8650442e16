import { ARCHIVE_PATH, MAX_FILES_PER_MESSAGE } from '#shared/protocol';
import type { Put } from './dialogue.ts';
import type { Store } from './store-files.ts';
import { storeObjects } from './store-objects.ts';

/**
 * Stores all files in one archive.
 *
 * @param written called with its bytes
 */
export async function storeArchive(
  store: Store,
  written: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const { findings, dialogue, meter } = store;
  let packed = 0;
  const { bytes, sha256, modified, files } = await findings.archive(() => {
    packed++;
    meter.done(1);
  });
  signal.throwIfAborted();
  written(bytes);
  // The archive itself is counted when it is stored.
  meter.done(files.length - packed - 1);
  for (let start = 0; start < files.length; start += MAX_FILES_PER_MESSAGE)
    dialogue.archived(files.slice(start, start + MAX_FILES_PER_MESSAGE));
  const nameAgain = (): Promise<Put[]> => dialogue.archive(bytes, sha256);
  const object = { path: ARCHIVE_PATH, from: findings.archivePath, bytes, modified };
  await storeObjects([object], await nameAgain(), { ...store, nameAgain }, signal);
}
