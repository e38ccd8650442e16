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
  const all = [...distinct.values()].toSorted((a, b) => a.offset - b.offset);
  // Warnings must not push out the errors after them.
  const sorted = all.length > MAX_PROBLEMS ? errorsIn(all) : all;
  const problems = sorted.slice(0, MAX_PROBLEMS).map(toProblem);
  const left = sorted[MAX_PROBLEMS];
  if (left === undefined) return problems;
  const message = `${sorted.length - MAX_PROBLEMS} more problems from here on are not shown`;
  return [
    ...problems,
    toProblem({ offset: left.offset, end: left.end, code: 'limit', message, severity: left.severity }),
  ];

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

/** Without the warnings, unless there is nothing else. */
function errorsIn(findings: Finding[]): Finding[] {
  const errors = findings.filter(({ severity }) => severity === undefined);
  return errors.length === 0 ? findings : errors;
}
