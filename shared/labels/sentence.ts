import type { Explanation } from './explain.ts';
import { formatLabel } from './format.ts';

/** A change of labels in words. A joined one needs parentheses inside another kind of joint. */
interface Change {
  words: string;
  joint?: Joint;
  /** It takes one label away; such go last, as "no arm and linux" would be misread. */
  takes?: boolean;
}

type Joint = 'and' | 'or';

/**
 * An explanation in one line: what the labels lack, or what made them match.
 * For example "`linux && !arm` does not match: it needs linux and no arm".
 */
export function sentenceOf(explanation: Explanation): string {
  const { text, value, present, absent } = explanation;
  if (!value) return `\`${text}\` does not match: it needs ${changeTo(true, explanation).words}`;
  const reasons = [...listed('with', present), ...listed('without', absent)];
  return `\`${text}\` matches ${reasons.join(', ')}`;
}

function listed(preposition: string, labels: readonly string[]): string[] {
  return labels.length === 0 ? [] : [`${preposition} ${labels.map(formatLabel).join(' and ')}`];
}

/** What would have to change for the expression to become `wanted`, which it isn't. */
function changeTo(wanted: boolean, { kind, text, children }: Explanation): Change {
  switch (kind) {
    case 'atom':
      return wanted ? { words: text } : { words: `no ${text}`, takes: true };
    case 'not':
      return join(
        'or',
        children.map((child) => changeTo(!wanted, child)),
      );
    case 'and':
    case 'or': {
      const unfit = children.filter((child) => child.value !== wanted);
      return join(
        (kind === 'and') === wanted ? 'and' : 'or',
        unfit.map((child) => changeTo(wanted, child)),
      );
    }
    case 'implies': {
      const unfit = children.filter(({ value }, index) => value !== (index === 0 ? !wanted : wanted));
      return join(
        wanted ? 'or' : 'and',
        unfit.map((child) => changeTo(!child.value, child)),
      );
    }
    case 'iff':
      // Any one operand turns the whole.
      return join(
        'or',
        children.map((child) => changeTo(!child.value, child)),
      );
  }
}

function join(joint: Joint, changes: readonly Change[]): Change {
  const [first, ...others] = changes;
  if (first === undefined || others.length === 0) return first ?? { words: 'nothing' };
  const parts = changes
    .toSorted((a, b) => Number(a.takes ?? false) - Number(b.takes ?? false))
    .map((change) =>
      change.joint === undefined || change.joint === joint ? change.words : `(${change.words})`,
    );
  return { words: [...new Set(parts)].join(` ${joint} `), joint };
}
