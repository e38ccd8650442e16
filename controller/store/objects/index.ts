/** Rows and the objects in the storage that are theirs. */
export * from './owners.ts';
export * from './stored-objects.ts';
