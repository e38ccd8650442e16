/** Captures: the disks of machines as images. */
export { openImages, type Images } from './images.ts';
