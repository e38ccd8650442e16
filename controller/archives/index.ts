/** Folders as tar archives. */
export { readableOf, tarOfFolder } from './tar-of-folder.ts';
