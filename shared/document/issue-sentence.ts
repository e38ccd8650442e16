import { nearest } from '#shared/nearest';
import type { z } from 'zod';
import { describeKind, describeValue, oneOf } from './kinds.ts';
import type { ProblemCode } from './problem.ts';

type Issue = z.core.$ZodIssue;

interface Sentence {
  code: ProblemCode;
  message: string;
  hint?: string | undefined;
}

/** A schema's complaint about a value, as a sentence about `subject`. */
export function describeIssue(
  issue: Issue,
  subject: string,
  value: unknown,
  text: string | undefined,
): Sentence {
  // The schema's own words know best. The error map leaves the message empty where there are none.
  const own = issue.message;
  if (value === null) {
    return {
      code: 'wrong-type',
      message: `${subject} has no value`,
      hint: own || `it must be ${expectation(issue)}`,
    };
  }
  if (own !== '')
    return { code: 'bad-value', message: own.replace(/^it /, `${subject} `), hint: hintOf(issue) };
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_union':
      return {
        code: 'wrong-type',
        message: mustBe(subject, expectation(issue), value),
        hint: valueHint(issue, value) ?? typeHint(expectedKinds(issue), value, text),
      };
    case 'invalid_value':
      return {
        code: 'bad-value',
        message: mustBe(subject, expectation(issue), value),
        hint: valueHint(issue, value),
      };
    case 'too_small':
      return {
        code: 'bad-value',
        message: `${subject} must ${issue.minimum === 1 && typeof value !== 'number' ? 'not be empty' : sizeOf(issue.origin, 'at least', issue.minimum)}`,
      };
    case 'too_big':
      return {
        code: 'bad-value',
        message: `${subject} must ${sizeOf(issue.origin, 'at most', issue.maximum)}`,
      };
    case 'not_multiple_of':
      return { code: 'bad-value', message: `${subject} must be a multiple of ${issue.divisor}` };
    case 'invalid_format':
      return {
        code: 'bad-value',
        message: `${subject} is not a valid ${issue.format === 'regex' ? 'value' : issue.format}`,
      };
    case 'invalid_key':
    case 'invalid_element':
    case 'unrecognized_keys':
    case 'custom':
      return { code: 'bad-value', message: `${subject} is not valid` };
  }
}

function hintOf(issue: Issue): string | undefined {
  const hint: unknown = issue.code === 'custom' ? issue.params?.['hint'] : undefined;
  return typeof hint === 'string' ? hint : undefined;
}

function mustBe(subject: string, expected: string, value: unknown): string {
  return `${subject} must be ${expected}, but it is ${describeValue(value)}`;
}

function expectation(issue: Issue): string {
  return oneOf([...new Set(expectedWords(issue))]) || 'something else';
}

/** What would be accepted in this place: kinds of values in words, or values as they are written. */
function expectedWords(issue: Issue): string[] {
  return leaves(issue).flatMap((leaf) =>
    leaf.code === 'invalid_type' ? [describeKind(leaf.expected)] : expectedValues(leaf),
  );
}

/** Those that the schema lists, or that tell the options of a union apart. */
function expectedValues(leaf: Issue): string[] {
  if (leaf.code === 'invalid_value') return leaf.values.map(String);
  return leaf.code === 'invalid_union' && 'options' in leaf ? (leaf.options ?? []).map(String) : [];
}

/** The kinds of values that would be accepted, in the schema's own words. */
function expectedKinds(issue: Issue): string[] {
  return leaves(issue).flatMap((leaf) => (leaf.code === 'invalid_type' ? [leaf.expected] : []));
}

/** What the options of a union say of the value itself. */
function leaves(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  return issue.errors.flatMap((option) => option.filter(({ path }) => path.length === 0).flatMap(leaves));
}

function typeHint(expected: string[], value: unknown, text: string | undefined): string | undefined {
  if (expected.includes('string') && (typeof value === 'number' || typeof value === 'boolean')) {
    return `put it in quotes: "${text ?? String(value)}"`;
  }
  if (expected.includes('array') && typeof value === 'string')
    return 'begin each item on a line of its own with "- "';
  return undefined;
}

function valueHint(issue: Issue, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const [meant] = nearest(value, leaves(issue).flatMap(expectedValues), 1);
  return meant === undefined ? undefined : `did you mean ${JSON.stringify(meant)}?`;
}

function sizeOf(origin: string, bound: string, limit: number | bigint): string {
  const plural = limit === 1 ? '' : 's';
  if (origin === 'string') return `have ${bound} ${limit} character${plural}`;
  if (origin === 'array') return `have ${bound} ${limit} item${plural}`;
  if (origin === 'object' || origin === 'record') return `have ${bound} ${limit} key${plural}`;
  return `be ${bound} ${limit}`;
}
