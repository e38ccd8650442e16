import { nearest } from '#shared/nearest';
import { quote } from './kinds.ts';
import type { Path } from './place.ts';
import { describeSubject } from './subject.ts';

/** With more known keys than this, their list helps less than the documentation. */
const MOST_LISTED = 16;

/** The sentence for a key that nothing reads, with the key that was probably meant. */
export function describeUnknownKey(
  key: string,
  path: Path,
  known: string[],
  strangers: ReadonlyMap<string, string>,
): { message: string; hint?: string } {
  const where = path.length === 0 ? '' : ` in ${describeSubject(path)}`;
  const message = `unknown key ${quote(key)}${where}`;
  const own = hintFor([...path.filter((step) => typeof step === 'string'), key], strangers);
  if (own !== undefined) return { message, hint: own };
  const meant = nearest(key, known, 1)[0];
  if (meant !== undefined) return { message, hint: `did you mean ${JSON.stringify(meant)}?` };
  return known.length === 0 || known.length > MOST_LISTED
    ? { message }
    : { message, hint: `known keys: ${known.join(', ')}` };
}

/** The most exact one: `prepare.steps.cache` before `cache`. */
function hintFor(names: string[], strangers: ReadonlyMap<string, string>): string | undefined {
  const known = names.map((_, index) => names.slice(index).join('.'));
  return strangers.get(known.find((name) => strangers.has(name)) ?? '');
}
