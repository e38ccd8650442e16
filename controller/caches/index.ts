/** Caches: files that one build leaves for the next ones, under a key, in the object storage. */
export { cacheBlobKeyOf } from './blob-key.ts';
export { createCaches, type CacheRestore, type Caches } from './caches.ts';
export { scopesOf } from './scope.ts';
export type { CacheScript } from './scripts.ts';
