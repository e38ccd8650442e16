import { isDeepStrictEqual } from 'node:util';
import { hideSecret, isSection, type Section, type Written } from '#controller/config';

/** A key whose value is another one. */
export interface Difference {
  /** Keys in the file that lead to it. */
  path: string[];
  kind: 'added' | 'removed' | 'changed';
  /** As the file would have it, without secrets; null where there is none, or it is a whole section. */
  from: Written | null;
  to: Written | null;
}

/** All keys whose values differ, in the order of the first mapping, then of the second. Lists are values as a whole. */
export function differences(before: Section, after: Section, path: string[] = []): Difference[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differencesAt([...path, key], key, before[key], after[key]));
}

function differencesAt(
  path: string[],
  key: string,
  before: Written | undefined,
  after: Written | undefined,
): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isSection(before) && isSection(after)) return differences(before, after, path);
  const from = before === undefined ? null : hideSecret(key, before);
  const to = after === undefined ? null : hideSecret(key, after);
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  return [{ path, kind, from, to }];
}
