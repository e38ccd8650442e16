/** What was read of the storage, and is likely to be asked for again. */
export { createShelf, type Shelf } from './shelf.ts';
