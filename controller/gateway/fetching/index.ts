/** Bringing what one job left into the workspace of another. */
export { driveFetch } from './drive-fetch.ts';
