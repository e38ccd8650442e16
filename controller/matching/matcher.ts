import { matches, parseLabelExpression, type LabelExpression } from '#shared/labels';

/** Tells whether a set of labels satisfies an expression; parses each expression once while it is in use. */
export interface LabelMatcher {
  matches(expression: string, labels: ReadonlySet<string>): boolean;
}

/** More distinct expressions than a controller meets between two sweeps of its memory. */
const MAX_REMEMBERED = 1000;

export function createLabelMatcher(): LabelMatcher {
  const parsed = new Map<string, LabelExpression>();

  return {
    matches: (expression, labels) => matches(parse(expression), labels),
  };

  function parse(expression: string): LabelExpression {
    const known = parsed.get(expression);
    if (known !== undefined) return known;
    if (parsed.size >= MAX_REMEMBERED) parsed.clear();
    const fresh = parseLabelExpression(expression);
    parsed.set(expression, fresh);
    return fresh;
  }
}
