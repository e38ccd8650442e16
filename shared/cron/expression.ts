import { FIELDS, type Field } from './field.ts';
import { parseItem, type Item } from './item.ts';
import { CronProblem } from './problem.ts';

/** A parsed expression: the items of its five fields, in order. */
export type Expression = readonly (readonly Item[])[];

/** Longer than any schedule that a person can read. */
const MAX_LENGTH = 500;

/** What Jenkins makes of them: not all at midnight, but each at a time of its own. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['@hourly', 'H * * * *'],
  ['@midnight', 'H H(0-2) * * *'],
  ['@daily', 'H H * * *'],
  ['@weekly', 'H H * * H'],
  ['@monthly', 'H H H * *'],
  ['@yearly', 'H H H H *'],
  ['@annually', 'H H H H *'],
]);

/** @throws CronProblem for the first mistake. */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_LENGTH)
    throw new CronProblem(`this cron expression is longer than ${MAX_LENGTH} characters`, 0);
  if (text.trim().startsWith('@')) return parseExpression(expandAlias(text));
  const fields = [...text.matchAll(/[^ \t]+/g)];
  if (fields.length !== FIELDS.length) throw wrongCount(fields.length);
  return FIELDS.map((field, place) => {
    const found = fields[place];
    return parseField(found?.[0] ?? '', field, found?.index ?? 0);
  });
}

function expandAlias(text: string): string {
  const expression = ALIASES.get(text.trim().toLowerCase());
  if (expression !== undefined) return expression;
  const hint = `there are ${[...ALIASES.keys()].join(', ')}`;
  throw new CronProblem(`${JSON.stringify(text.trim())} is not an alias`, text.indexOf('@'), hint);
}

function parseField(text: string, field: Field, index: number): Item[] {
  let at = index;
  return text.split(',').map((item) => {
    const parsed = parseItem(item, field, at);
    at += item.length + 1;
    return parsed;
  });
}

function wrongCount(count: number): CronProblem {
  const seconds = count === 6 || count === 7 ? '; seconds and years are not supported' : '';
  const order = 'minute, hour, day of the month, month, day of the week';
  const has = count === 1 ? '1 field' : `${count} fields`;
  return new CronProblem(
    `this cron expression has ${has} instead of 5${seconds}`,
    0,
    `write ${order}, as in 0 3 * * MON-FRI`,
  );
}
