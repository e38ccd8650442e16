/** One controller for each data folder. */
export { lockFolder, type FolderLock } from './folder-lock.ts';
