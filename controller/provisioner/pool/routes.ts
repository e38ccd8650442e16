import { compareTemplates, type Fleet, type Template } from '#controller/fleet';
import type { LabelMatcher } from '#controller/matching';

/** More distinct expressions than jobs have between two reloads. */
const MAX_REMEMBERED = 1000;

/**
 * Which learning pool serves the jobs of an expression: of the templates that match it and learn, the one whose idle node they get: of the greatest
 * weight, then of the lowest cost, then the first of the configuration.
 */
export function createRoutes(fleet: Fleet, matcher: LabelMatcher): (runsOn: string) => Template | null {
  const known = new Map<string, Template | null>();
  let of: readonly Template[] = [];

  return function route(runsOn) {
    const templates = fleet.templates();
    if (of !== templates || known.size >= MAX_REMEMBERED) known.clear();
    of = templates;
    const before = known.get(runsOn);
    if (before !== undefined) return before;
    const found = find(runsOn, templates);
    known.set(runsOn, found);
    return found;
  };

  function find(runsOn: string, templates: readonly Template[]): Template | null {
    const [best = null] = templates
      .filter(({ pool, labels }) => pool.learning !== null && matcher.matches(runsOn, labels))
      .toSorted(compareTemplates);
    return best;
  }
}
