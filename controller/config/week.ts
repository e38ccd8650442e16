import { z } from 'zod';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `08:30` → minutes since midnight; `24:00` is the end of the day. */
export const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'write a time of day such as 08:30')
  .transform((text) => {
    const [hours = 0, minutes = 0] = text.split(':').map(Number);
    return hours * 60 + minutes;
  });

export const timeZone = z.string().refine(isTimeZone, 'is no time zone; write one such as Europe/Zurich');

/** `mon-fri`, `sat,sun`, `fri-mon` → numbers, 1 for Monday to 7 for Sunday. */
export function toDays(text: string, context: z.RefinementCtx): number[] {
  const days = text
    .toLowerCase()
    .split(/[\s,]+/)
    .flatMap((part) => daysOf(part) ?? []);
  const wrong = text
    .toLowerCase()
    .split(/[\s,]+/)
    .find((part) => daysOf(part) === undefined);
  if (wrong === undefined) return [...new Set(days)].sort((a, b) => a - b);
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(wrong)} is no day; write mon-fri or sat,sun`,
  });
  return z.NEVER;
}

function daysOf(part: string): number[] | undefined {
  const [from = '', to = from, ...more] = part.split('-');
  const [first, last] = [DAYS.indexOf(from), DAYS.indexOf(to)];
  if (first < 0 || last < 0 || more.length > 0) return undefined;
  const length = ((last - first + DAYS.length) % DAYS.length) + 1;
  return Array.from({ length }, (_, index) => ((first + index) % DAYS.length) + 1);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
