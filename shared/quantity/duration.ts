import { z } from 'zod';

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const PATTERN = /^(?:(?<d>\d+)d)?(?:(?<h>\d+)h)?(?:(?<m>\d+)m)?(?:(?<s>\d+)s)?(?:(?<ms>\d+)ms)?$/;
/** For editors, which can't tell a missing digit from an empty text without the look-ahead. */
const JSON_PATTERN = '^(?=.)(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$';
/** Ten years: what is longer is a mistake, and every sum of such durations stays a safe integer. */
const LONGEST = 3650 * UNITS.d;
const HINT = 'write for example 250ms, 90s, 10m, 2h, 7d or 1h30m';

/** A length of time such as `90s`, `10m`, `2h`, `7d`, `1h30m` or `250ms`, read into milliseconds. */
export const duration = z
  .string({ error: (issue) => describeWrongType(issue.input) })
  .meta({ pattern: JSON_PATTERN, examples: ['90s', '10m', '1h30m'] })
  .transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds <= LONGEST) return milliseconds;
    const [message, hint] =
      milliseconds === undefined
        ? [`${JSON.stringify(text)} is not a duration`, hintFor(text)]
        : [`${text} is too long`, 'a duration is at most 3650d'];
    context.issues.push({ code: 'custom', message, params: { hint }, input: text });
    return z.NEVER;
  });

function parseDuration(text: string): number | undefined {
  const parts = PATTERN.exec(text)?.groups;
  if (parts === undefined || text === '') return undefined;
  return Object.entries(UNITS).reduce((sum, [unit, size]) => sum + Number(parts[unit] ?? 0) * size, 0);
}

function describeWrongType(input: unknown): string {
  if (typeof input !== 'number') return `a duration is text with a unit; ${HINT}`;
  const example = Number.isInteger(input) && input >= 0 ? input : 90;
  return `${input} has no unit; write ${example}s for seconds, or ${example}m for minutes`;
}

function hintFor(text: string): string {
  if (/^\d+$/.test(text)) return `a unit is missing: write ${text}s for seconds, or ${text}m for minutes`;
  if (/^\d+\.\d+[a-z]+$/.test(text)) return 'only whole numbers count: write 1h30m instead of 1.5h';
  return HINT;
}
