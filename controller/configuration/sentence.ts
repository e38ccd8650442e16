import type { Written } from '#controller/config';
import type { Difference } from './differences.ts';

/** A longer value, or one of several lines, is not shown in a sentence. */
const LONGEST_SHOWN = 80;

/** `timeouts.queue: 1h → 2h`, of keys within a whole that is named, such as `cloud docker`. */
export function sentenceOf(
  { path, kind, from, to }: Difference,
  whole: string | null = null,
  depth = 0,
): string {
  const key = path.slice(depth).join('.');
  const subject = whole === null ? key : `${whole}: ${key}`;
  const [old, fresh] = [shown(from), shown(to)];
  if (kind === 'added') return fresh === null ? `${subject} is set` : `${subject}: ${fresh} (was not set)`;
  if (kind === 'removed')
    return old === null ? `${subject} is not set any more` : `${subject} is not set any more (was ${old})`;
  return old === null || fresh === null || old === fresh
    ? `${subject} is another one`
    : `${subject}: ${old} → ${fresh}`;
}

/** `a, b and c` */
export function listOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function shown(value: Written | null): string | null {
  if (value === null) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_SHOWN || /[\n\r]/.test(text) ? null : text;
}
