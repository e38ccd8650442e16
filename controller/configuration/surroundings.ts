import type { CloudConfiguration } from '#controller/config';
import type { Node } from '#controller/store';

/** What stands in the way of changes. */
export interface Surroundings {
  /** All that are not yet gone. */
  nodes: readonly Pick<Node, 'cloud'>[];
  /** Clouds that are not configured any more, and still have nodes. */
  leaving?: readonly CloudConfiguration[];
}
