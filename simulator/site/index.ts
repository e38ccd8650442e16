/** A controller's surroundings, ready for a policy that finds nodes for its jobs. */
export { createSite, type Driver, type Site } from './site.ts';
export { TIMEOUTS } from './timeouts.ts';
