import type { LabelMatcher } from '#controller/matching';
import type { Verdict } from '#shared/labels';
import { mayBeFactLabel } from './fact-labels.ts';
import type { Template } from './open-cloud.ts';

/** Whether its nodes serve what the expression asks for; `maybe` as long as none of them has told what it is. */
export function serves(template: Template, runsOn: string, matcher: LabelMatcher): Verdict {
  const { labels, factsAsLabels } = template;
  if (!isUnlearned(template)) return matcher.matches(runsOn, labels) ? 'yes' : 'no';
  return matcher.verdict(runsOn, labels, (label) => mayBeFactLabel(label, factsAsLabels));
}

/** Whether its nodes will have labels that nobody knows yet. */
function isUnlearned({ factsAsLabels, learned }: Template): boolean {
  return factsAsLabels.length > 0 && learned === null;
}
