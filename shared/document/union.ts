import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * The option of a union that the author meant: its kind fits, and only something inside is wrong. With several such
 * options, the one with the fewest complaints; none when the kind itself is wrong.
 */
export function nearestOption(options: readonly Issue[][]): Issue[] | undefined {
  const fitting = options.filter((issues) => issues.length > 0 && !issues.some(isWrongKind));
  return fitting.toSorted((a, b) => a.length - b.length)[0];
}

function isWrongKind({ code, path }: Issue): boolean {
  return (
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union')
  );
}
