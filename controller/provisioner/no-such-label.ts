import type { Template } from '#controller/fleet';
import { atomsOf, explain, nearestLabels, parseLabelExpression, sentenceOf } from '#shared/labels';

/** One sentence on why no template can ever run what the expression asks for, with the nearest labels there are. */
export function noSuchLabel(expression: string, templates: readonly Template[]): string {
  const parsed = parseLabelExpression(expression);
  const known = new Set(templates.flatMap(({ labels }) => [...labels]));
  const unknown = [...atomsOf(parsed)].filter((atom) => !known.has(atom));
  if (unknown.length === 0) {
    const [first] = templates;
    const why = first === undefined ? 'no template is configured' : sentenceOf(explain(parsed, first.labels));
    return `no template has all that \`${expression}\` asks for (${first?.name ?? 'none'}: ${why})`;
  }
  const named = unknown.map((atom) => {
    const near = nearestLabels(atom, known);
    return near.length === 0
      ? `\`${atom}\``
      : `\`${atom}\` (did you mean ${near.map((label) => `\`${label}\``).join(' or ')}?)`;
  });
  return `no template matches \`${expression}\`: no template has the label ${named.join(', nor ')}`;
}
