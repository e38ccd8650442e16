import { matches, parseLabelExpression, verdictOn, type LabelExpression, type Verdict } from '#shared/labels';

/** The labels of a node or a template; their order means nothing. */
export type Labels = ReadonlySet<string> | readonly string[];

/** Tells whether a set of labels satisfies an expression. Each pair is worked out once while it is in use: planning asks again and again. */
export interface LabelMatcher {
  matches(expression: string, labels: Labels): boolean;
  /** The same where some labels are not known yet; `mayHave` tells whether a label may be one of those. */
  verdict(expression: string, labels: ReadonlySet<string>, mayHave: (label: string) => boolean): Verdict;
  /** Equal for equal sets of labels. */
  kindOf(labels: Labels): string;
}

/** More distinct expressions, or sets of labels, than a controller meets between two sweeps of its memory. */
const MAX_REMEMBERED = 1000;

export function createLabelMatcher(): LabelMatcher {
  const parsed = new Map<string, LabelExpression>();
  const verdicts = new Map<string, Map<string, boolean>>();
  const kinds = new WeakMap<object, string>();

  return {
    matches(expression, labels) {
      const kind = kindOf(labels);
      const known = verdictsOn(expression);
      const verdict = known.get(kind);
      if (verdict !== undefined) return verdict;
      const fresh = matches(parse(expression), new Set(labels));
      if (known.size >= MAX_REMEMBERED) known.clear();
      known.set(kind, fresh);
      return fresh;
    },
    verdict: (expression, labels, mayHave) => verdictOn(parse(expression), labels, mayHave),
    kindOf,
  };

  function kindOf(labels: Labels): string {
    const known = kinds.get(labels);
    if (known !== undefined) return known;
    const kind = JSON.stringify([...new Set(labels)].sort());
    kinds.set(labels, kind);
    return kind;
  }

  function verdictsOn(expression: string): Map<string, boolean> {
    const known = verdicts.get(expression);
    if (known !== undefined) return known;
    if (verdicts.size >= MAX_REMEMBERED) verdicts.clear();
    const fresh = new Map<string, boolean>();
    verdicts.set(expression, fresh);
    return fresh;
  }

  function parse(expression: string): LabelExpression {
    const known = parsed.get(expression);
    if (known !== undefined) return known;
    if (parsed.size >= MAX_REMEMBERED) parsed.clear();
    const fresh = parseLabelExpression(expression);
    parsed.set(expression, fresh);
    return fresh;
  }
}
