/** Quantities that people write with a unit: `10m`, `512MiB`. Inside the program they are plain numbers. */
export { asWritten } from './as-written.ts';
export { bytes } from './bytes.ts';
export { duration } from './duration.ts';
export { formatBytes } from './format-bytes.ts';
export { formatDuration } from './format-duration.ts';
