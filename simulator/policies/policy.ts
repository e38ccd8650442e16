import type { PoolSettings } from '#controller/fleet';
import type { Driver, Site } from '#simulator/site';

/** A way to find nodes for jobs. */
export interface Policy {
  name: string;
  /** The pool of every template. */
  pool: PoolSettings;
  start(site: Site): Driver;
}
