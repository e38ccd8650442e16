import type { LabelMatcher } from '#controller/matching';
import type { Node } from '#controller/store';
import type { Fleet } from '../fleet.ts';
import type { Template } from '../open-cloud.ts';
import { whyOutdated } from './outdated.ts';
import { nextChange, openWindow } from './window.ts';

/** How many idle nodes each template has, and which of them are still good. */
export interface Pools {
  /** Idle nodes that the template should have now, on their way included. */
  target(template: Template, now: number): number;
  /** When some target changes by itself, in milliseconds since the epoch; null if none does. */
  due(now: number): number | null;
  /** A job was queued, for the first time. Times may come in any order, those of the past at the start. */
  arrived(runsOn: string, at: number): void;
  /** Why an idle node is to be replaced; null when it is good. */
  outdated(node: Node, template: Template | undefined, now: number): { reason: string } | null;
}

interface Deps {
  fleet: Fleet;
  matcher: LabelMatcher;
  /** Usual time from the launch of a node of the template to its being ready, in milliseconds; null while it is not known. */
  startMs(template: Template): number | null;
  /** The image that a new node of the template would get; null where that is not known. */
  imageOf(template: Template): string | null;
}

export function createPools({ fleet, imageOf }: Deps): Pools {
  return {
    target: (template, now) => openWindow(template.pool.schedule, now)?.minReady ?? template.pool.minReady,
    due: (now) =>
      fleet
        .templates()
        .map(({ pool }) => nextChange(pool.schedule, now))
        .reduce(earliest, null),
    arrived() {},
    outdated(node, template, now) {
      const reason = whyOutdated(node, template, template === undefined ? null : imageOf(template), now);
      return reason === null ? null : { reason };
    },
  };
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
