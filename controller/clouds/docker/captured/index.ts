/** Captures: the files of containers as images of the engine's. */
export { createCapturedImages, type CapturedImages } from './captured-images.ts';
