import type { Finding } from './finding.ts';
import { MAX_PROBLEMS } from './limits.ts';
import type { Position, Problem } from './problem.ts';

/** The findings in the order of the file, each once, at lines and columns. */
export function toProblems(
  findings: Finding[],
  file: string,
  positionAt: (offset: number) => Position,
): Problem[] {
  // An alias shows the same mistake wherever it is used.
  const distinct = new Map(findings.map((finding) => [`${finding.offset} ${finding.message}`, finding]));
  const sorted = [...distinct.values()].toSorted((a, b) => a.offset - b.offset);
  const problems = sorted.slice(0, MAX_PROBLEMS).map(toProblem);
  const left = sorted[MAX_PROBLEMS];
  if (left === undefined) return problems;
  const message = `${sorted.length - MAX_PROBLEMS} more problems from here on are not shown`;
  return [...problems, toProblem({ offset: left.offset, end: left.end, code: 'limit', message })];

  function toProblem({ offset, message, hint, code, severity }: Finding): Problem {
    return {
      file,
      ...positionAt(offset),
      message,
      ...(hint !== undefined && { hint }),
      code,
      ...(severity !== undefined && { severity }),
    };
  }
}
