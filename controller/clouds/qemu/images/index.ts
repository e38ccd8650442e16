/** Captures: the disks of machines as images. */
export { openImages } from './images.ts';
