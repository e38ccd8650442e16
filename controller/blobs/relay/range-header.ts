import type { Range } from '../contract.ts';

/**
 * The part that a `Range` header asks for (RFC 9110, section 14): one range of bytes, cut to the object. `unsatisfiable` where it starts
 * behind the last byte; undefined, which means the whole object, without a header or for what isn't understood.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): Required<Range> | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [first = '', last = ''] = match?.slice(1) ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return between(Math.max(0, size - Number(last)), size - 1, size);
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return between(Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1), size);
}

function between(first: number, last: number, size: number): Required<Range> | 'unsatisfiable' {
  return first >= size ? 'unsatisfiable' : { offset: first, length: last - first + 1 };
}
