import type { Cloud } from '#controller/clouds';

/** A cloud as configured and opened. */
export interface OpenCloud {
  name: string;
  kind: string;
  cloud: Cloud;
  /** Most nodes at one time, counting every one that is not yet gone (L11). */
  maxNodes: number;
  templates: readonly Template[];
}

/** A recipe for nodes in a cloud. */
export interface Template {
  cloud: string;
  name: string;
  labels: ReadonlySet<string>;
  maxNodes: number;
  /** Nodes kept ready for jobs that have not come yet. */
  minReady: number;
  /** What the cloud's kind wants to know beyond that; parsed by its schema. */
  settings: unknown;
}

/** All clouds of a controller, in the order of the configuration. */
export type CloudSet = readonly OpenCloud[];

export function templatesOf(clouds: CloudSet): Template[] {
  return clouds.flatMap((cloud) => cloud.templates);
}
