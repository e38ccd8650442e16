import type { Change } from './change.ts';

/** Where two candidates are equal, the first one in the file is asked: their order means something. */
export function orderChange(
  path: string[],
  what: string,
  before: readonly string[],
  after: readonly string[],
): Change[] {
  const old = before.filter((name) => after.includes(name));
  const fresh = after.filter((name) => before.includes(name));
  if (old.every((name, index) => name === fresh[index])) return [];
  const sentence = `${what} have another order: ${after.join(', ')}`;
  return [{ path, kind: 'changed', takes: 'now', from: [...before], to: [...after], sentence, why: null }];
}
