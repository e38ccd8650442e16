import { z } from 'zod';
import type { Finding } from './finding.ts';
import { describeIssue } from './issue-sentence.ts';
import { offsetOf, type Where } from './document.ts';
import { findPlace, headOf, type Path, type Place } from './place.ts';
import { describeSubject } from './subject.ts';
import { describeUnknownKey } from './unknown-key.ts';
import { nearestOption } from './union.ts';

type Issue = z.core.$ZodIssue;

interface Checked<T> {
  /** None when anything was found. */
  value?: T;
  findings: Finding[];
}

/** Everything that the schema says against the document, each at its place. */
export function checkSchema<S extends z.ZodType>(
  schema: S,
  root: Place,
  source: string,
  strangers: ReadonlyMap<string, string> = new Map(),
): Checked<z.output<S>> {
  /** The keys that a mapping knows, which only the raw issue tells; found again by the identity of its list of unknown ones. */
  const knownKeys = new WeakMap<string[], string[]>();
  const result = schema.safeParse(root.value, { error: note });
  if (result.success) return { value: result.data, findings: [] };
  return { findings: result.error.issues.flatMap((issue) => read(issue, [])) };

  /** Leaves the message empty, so that only the schema's own remain; a missing value gets its description. */
  function note(issue: z.core.$ZodRawIssue): string {
    if (issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject) {
      knownKeys.set(issue.keys, Object.keys(issue.inst.shape));
    }
    if (issue.input !== undefined || !(issue.inst instanceof z.ZodType)) return '';
    return issue.inst.description ?? '';
  }

  function read(issue: Issue, base: Path): Finding[] {
    const path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    const { place, depth } = findPlace(root, path);
    if (place.unread) return [];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => readUnknownKey(path, key, knownKeys.get(issue.keys) ?? []));
    if (depth < path.length && issue.code !== 'custom')
      return [readMissing(path.slice(0, depth + 1), place, issue.message)];
    if (issue.code === 'invalid_union' && issue.message === '') {
      const option = nearestOption(issue.errors);
      if (option !== undefined) return option.flatMap((inner) => read(inner, path));
    }
    const where = whereOf(issue);
    const sentence = describeIssue(issue, describeSubject(path), place.value, place.text);
    return [
      {
        offset: offsetOf(source, root, path, where),
        end: where.at === 'key' ? headOf(place) : place.end,
        ...sentence,
      },
    ];
  }

  function readUnknownKey(path: Path, key: string, known: string[]): Finding {
    const offset = headOf(findPlace(root, [...path, key]).place);
    return { offset, end: offset, code: 'unknown-key', ...describeUnknownKey(key, path, known, strangers) };
  }
}

function readMissing(path: Path, parent: Place, description: string): Finding {
  const holder = path.slice(0, -1);
  const where = holder.length === 0 ? '' : ` in ${describeSubject(holder)}`;
  const message = `${describeSubject(path)} is missing${where}`;
  const hint = description === '' ? undefined : firstSentence(description);
  return { offset: headOf(parent), end: parent.end, code: 'missing-key', message, hint };
}

/** As a hint: without its capital letter and its full stop. */
function firstSentence(description: string): string {
  const [sentence = ''] = description.split(/\.(?:\s|$)/);
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** A schema's own check may say in `params` where in the value the mistake is. */
function whereOf(issue: Issue): Where {
  if (issue.code !== 'custom') return {};
  const { at, index } = issue.params ?? {};
  return { ...(at === 'key' ? { at } : {}), ...(typeof index === 'number' ? { index } : {}) };
}
