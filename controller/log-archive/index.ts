/** Step logs in the object storage, where they go some time after their jobs have ended. */
export { logKeysOf, logPrefixOf } from './blob-key.ts';
