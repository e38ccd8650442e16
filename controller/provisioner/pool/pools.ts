import { templateKey, type Fleet, type LearningSettings, type Template } from '#controller/fleet';
import type { LabelMatcher } from '#controller/matching';
import type { Node } from '#controller/store';
import { createLearner, type Learner } from './learner.ts';
import type { LaunchHistory } from '../launch-history.ts';
import { whyOutdated } from './outdated.ts';
import { createRoutes } from './routes.ts';
import { createTimetable } from './timetable.ts';

/** How many idle nodes each template should have, and which of them are still good. */
export interface Pools {
  /** Idle nodes that the template should have now, those on their way included. Times must not go back. */
  target(template: Template, now: number): number;
  /** When some target may change by itself, in milliseconds since the epoch; null if none does. */
  due(now: number): number | null;
  /** A job was queued, for the first time. Those of the past are told first, in their order: what comes late counts as coming now. */
  arrived(runsOn: string, at: number): void;
  /** Why an idle node is to be replaced; null when it is good. `version` is the current one of the template's stream, where it has one. */
  outdated(
    node: Node,
    template: Template | undefined,
    version: string | null,
    now: number,
  ): { reason: string } | null;
}

interface Deps {
  fleet: Fleet;
  matcher: LabelMatcher;
  /** Tells how long nodes usually take from their launch to being ready. */
  history: Pick<LaunchHistory, 'startMs'>;
  /** The image that a new node of the template would get; null where that is not known. */
  imageOf(template: Template): string | null;
}

/** How long a start takes while none is known. */
const DEFAULT_START_MS = 60_000;

/** What was learned outlives a reload of the configuration; of templates that are gone it is forgotten. */
/** A pool reckons with a start that is slower than nine of ten. */
const LEAD = 0.9;

export function createPools({ fleet, matcher, history, imageOf }: Deps): Pools {
  const route = createRoutes(fleet, matcher);
  const slotOf = createTimetable();
  const learners = new Map<string, Learner>();

  return {
    target(template, now) {
      const { schedule, minReady, learning } = template.pool;
      const learned = learning === null ? null : learnerOf(template, learning).target(now);
      return learned ?? slotOf(schedule, now).window?.minReady ?? minReady;
    },

    due(now) {
      return fleet
        .templates()
        .map((template) => {
          const { learning, schedule } = template.pool;
          const change = slotOf(schedule, now).until;
          return learning === null ? change : earliest(change, learnerOf(template, learning).due(now));
        })
        .reduce(earliest, null);
    },

    arrived(runsOn, at) {
      const template = route(runsOn);
      const learning = template?.pool.learning ?? null;
      if (template === null || learning === null) return;
      learnerOf(template, learning).arrived(at, history.startMs(template, LEAD) ?? DEFAULT_START_MS);
    },

    outdated(node, template, version, now) {
      const image = template === undefined ? null : imageOf(template);
      const reason = whyOutdated(node, template, { image, version }, now);
      return reason === null ? null : { reason };
    },
  };

  function learnerOf(template: Template, settings: LearningSettings): Learner {
    const key = templateKey(template);
    const known = learners.get(key);
    if (known !== undefined) return known;
    forgetGone();
    const fresh = createLearner(
      () => fleet.template(template.cloud, template.name)?.pool.learning ?? settings,
    );
    learners.set(key, fresh);
    return fresh;
  }

  function forgetGone(): void {
    const configured = new Set(fleet.templates().map(templateKey));
    for (const key of learners.keys()) if (!configured.has(key)) learners.delete(key);
  }
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
