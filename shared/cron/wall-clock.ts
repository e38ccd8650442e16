import { parseExpression } from './expression.ts';
import { FIELDS, type Field } from './field.ts';
import type { Item } from './item.ts';

const MINUTE = 0;
const HOUR = 1;

/**
 * Writes a resolved expression so that croner treats a change of the clock by one rule: an expression that names hours means times of
 * the day, each of which comes once a day; one that runs in every hour runs in each hour that passes. Croner takes every `*` and `/` in
 * the minute or hour for the latter, and would leave out the whole night for 0,30 past two written as a step.
 */
export function forCroner(text: string): string {
  const expression = parseExpression(text);
  const hours = valuesOf(expression[HOUR] ?? [], FIELDS[HOUR]);
  const everyHour = hours.length === FIELDS[HOUR].to + 1;
  const minutes = valuesOf(expression[MINUTE] ?? [], FIELDS[MINUTE]).join(',');
  const days = expression.slice(HOUR + 1).map((items) => items.map((item) => dayOf(item)).join(','));
  return [minutes, everyHour ? '*' : hours.join(','), ...days].join(' ');
}

function valuesOf(items: readonly Item[], field: Field): number[] {
  const values = new Set(items.flatMap((item) => expand(item)));
  return Array.from({ length: field.to + 1 }, (_, value) => value).filter((value) => values.has(value));
}

function expand(item: Item): number[] {
  if (item.kind === 'special') return [];
  const { from, to } = item;
  const step = item.step ?? 1;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, place) => from + place * step);
}

/** An `H` that nobody resolved stands for all that it may become. A star stays one: where both days are given, either will do. */
function dayOf(item: Item): string {
  if (item.kind === 'special' || item.text.startsWith('*')) return item.text;
  const { from, to } = item;
  return from === to ? String(from) : `${from}-${to}/${item.step ?? 1}`;
}
