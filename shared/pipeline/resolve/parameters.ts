import { FootmanError } from '#shared/errors';
import type { Value } from '#shared/expressions';
import { nearest } from '#shared/nearest';
import { MAX_VALUE_LENGTH } from '../limits.ts';
import type { Parameter } from '../triggers.ts';

type Scalar = string | number | boolean;

export interface ParameterProblem {
  name: string;
  message: string;
  hint?: string;
}

export type CheckedParameters =
  { ok: true; values: Record<string, Scalar> } | { ok: false; problems: ParameterProblem[] };

/** The value of every parameter: what was given, else its default. All that is wrong is said at once. A command line can only give text, so "3" is a number, too. */
export function checkParameters(
  parameters: Record<string, Parameter>,
  given: Record<string, unknown>,
): CheckedParameters {
  const problems = Object.keys(given)
    .filter((name) => !Object.hasOwn(parameters, name))
    .map((name) => unknownParameter(name, Object.keys(parameters)));
  const values: [string, Scalar][] = [];
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    const isLong = typeof value === 'string' && value.length > MAX_VALUE_LENGTH;
    const checked = isLong ? tooLong(name) : check(name, parameter, value);
    if (checked.ok) values.push([name, checked.value]);
    else problems.push(checked.problem);
  }
  return problems.length === 0 ? { ok: true, values: Object.fromEntries(values) } : { ok: false, problems };
}

/** @throws FootmanError `expression-failed` when an expression gave a template's parameter what it does not take. */
export function takeParameter(name: string, parameter: Parameter, value: Value | undefined): Scalar {
  const checked = check(name, parameter, value);
  if (checked.ok) return checked.value;
  throw new FootmanError('expression-failed', checked.problem.message);
}

type Checked = { ok: true; value: Scalar } | { ok: false; problem: ParameterProblem };

function check(name: string, parameter: Parameter, value: unknown): Checked {
  const { type, options = [] } = parameter;
  if (value === undefined || value === null) return wrong(name, 'needs a value', parameter.description);
  if (type === 'number') return checkNumber(name, value);
  if (type === 'boolean') return checkBoolean(name, value);
  if (!isScalar(value)) return wrong(name, 'takes text');
  const text = String(value);
  if (text.includes('\0')) return wrong(name, 'has a NUL byte, which no program can be given');
  if (type === 'choice' && !options.includes(text))
    return wrong(name, `has no choice ${JSON.stringify(text)}`, `its choices: ${options.join(', ')}`);
  return { ok: true, value: text };
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function checkNumber(name: string, value: unknown): Checked {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return { ok: true, value: number };
  return wrong(name, `takes a number, not ${JSON.stringify(value)}`);
}

function checkBoolean(name: string, value: unknown): Checked {
  if (typeof value === 'boolean') return { ok: true, value };
  if (value === 'true' || value === 'false') return { ok: true, value: value === 'true' };
  return wrong(name, `takes true or false, not ${JSON.stringify(value)}`);
}

function tooLong(name: string): Checked {
  return wrong(name, `has more than ${MAX_VALUE_LENGTH} characters`);
}

function wrong(name: string, what: string, hint?: string): Checked {
  const message = `the parameter ${name} ${what}`;
  return { ok: false, problem: { name, message, ...(hint === undefined ? {} : { hint }) } };
}

function unknownParameter(name: string, known: readonly string[]): ParameterProblem {
  const [meant] = nearest(name, known, 1);
  const others = known.length === 0 ? 'the pipeline has none' : `the parameters: ${known.join(', ')}`;
  const hint = meant === undefined ? others : `did you mean ${meant}?`;
  return { name, message: `there is no parameter ${name}`, hint };
}
