/** What artifacts consist of, as people get it: single files, out of archives too, whole artifacts, and digests of their files. */
export { createContents, type Contents, type StoredArchive } from './contents.ts';
export { headOf, type Content, type Range } from './objects.ts';
export { requireFile } from './require-file.ts';
export { sumsOfArtifact } from './sums.ts';
