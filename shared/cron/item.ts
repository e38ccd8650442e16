import type { Field } from './field.ts';
import { CronProblem } from './problem.ts';

/** One entry of a field's list. */
export type Item =
  | { kind: 'range'; from: number; to: number; step: number; text: string }
  /** `H`: one value in the range that a hash picks, or with a step, every so many from one that it picks. */
  | { kind: 'hash'; from: number; to: number; step: number | null; text: string }
  /** What only croner reads: `L`, `15W`, `FRI#2`. */
  | { kind: 'special'; text: string };

const PATTERN = /^(?:(?<star>\*)|(?<hash>H)(?:\((?<within>[^()]*)\))?|(?<range>[^/()]+))(?:\/(?<step>.*))?$/i;
const SPECIAL: ReadonlyMap<Field['noun'], RegExp> = new Map([
  ['day of the month', /^(?:LW?|(?:[1-9]|[12]\d|3[01])W)$/i],
  ['day of the week', /^(?:[0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:#[1-5]|L)$/i],
]);

/** @throws CronProblem at `index`, where the item begins in the whole expression. */
export function parseItem(text: string, field: Field, index: number): Item {
  if (SPECIAL.get(field.noun)?.test(text) === true) return { kind: 'special', text: text.toUpperCase() };
  const { star, hash, within, range, step: stepText } = PATTERN.exec(text)?.groups ?? {};
  const step = stepText === undefined ? null : readStep(stepText, text, field, index);

  if (star !== undefined) return { kind: 'range', ...whole(field), step: step ?? 1, text };
  if (hash !== undefined) {
    const bounds =
      within === undefined ? { from: field.from, to: field.hashTo } : readRange(within, field, index);
    const size = bounds.to - bounds.from + 1;
    if (step !== null && step > size) {
      throw new CronProblem(
        `a step of ${step} is larger than the range of ${text}`,
        index,
        `use at most ${size}`,
      );
    }
    return { kind: 'hash', ...bounds, step, text };
  }
  if (range === undefined) throw unreadable(text, field, index);
  const bounds = readRange(range, field, index);
  if (step !== null && bounds.from === bounds.to) {
    throw new CronProblem(
      `${text} has a step but no range`,
      index,
      `write ${bounds.from}-${field.to}/${step} to run from ${bounds.from} on`,
    );
  }
  return { kind: 'range', ...bounds, step: step ?? 1, text };
}

function whole(field: Field): { from: number; to: number } {
  return { from: field.from, to: field.from + field.size - 1 };
}

function readStep(step: string, text: string, field: Field, index: number): number {
  if (!/^\d{1,4}$/.test(step) || Number(step) === 0) {
    throw new CronProblem(`the step of ${text} is not a number above 0`, index, 'write for example */15');
  }
  if (Number(step) > field.size) {
    const hint = `${one(field)} comes round every ${field.size}`;
    throw new CronProblem(`a step of ${step} is too large for the ${field.noun}`, index, hint);
  }
  return Number(step);
}

function readRange(range: string, field: Field, index: number): { from: number; to: number } {
  const [first = '', last, ...more] = range.split('-');
  if (more.length > 0) throw unreadable(range, field, index);
  const from = readValue(first, field, index);
  const end = last === undefined ? from : readValue(last, field, index);
  // A week may end with Sunday: SAT-SUN and 5-0 are as clear as 5-7.
  const to = end === 0 && from > 0 && field.noun === 'day of the week' ? 7 : end;
  if (from <= to) return { from, to };
  throw new CronProblem(
    `${range} ends before it begins`,
    index,
    `write two ranges: ${from}-${field.from + field.size - 1},${field.from}-${to}`,
  );
}

function readValue(text: string, field: Field, index: number): number {
  const named = field.names.indexOf(text.toUpperCase());
  if (named !== -1) return field.from + named;
  if (!/^\d{1,4}$/.test(text)) throw unreadable(text, field, index);
  const value = Number(text);
  if (value >= field.from && value <= field.to) return value;
  throw new CronProblem(`${text} is not ${one(field)}`, index, `it goes from ${field.from} to ${field.to}`);
}

function unreadable(text: string, field: Field, index: number): CronProblem {
  if (text === '') return new CronProblem(`a value of the ${field.noun} is missing`, index);
  const names = field.names.length === 0 ? '' : `, or names from ${field.names[0]} to ${field.names.at(-1)}`;
  const hint = `use numbers from ${field.from} to ${field.to}${names}, *, ranges, lists, steps or H`;
  return new CronProblem(`${JSON.stringify(text)} is not ${one(field)}`, index, hint);
}

function one(field: Field): string {
  return field.noun === 'hour' ? 'an hour' : `a ${field.noun}`;
}
