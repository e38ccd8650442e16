import { z } from 'zod';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['kB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);
const HINT = 'write for example 512MiB, 2GiB, 100kB or 10GB, or a whole number of bytes';

const text = z
  .string()
  .meta({ pattern: '^\\d+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?$', examples: ['512MiB', '2GiB', '10GB'] });
const count = z.int().min(0);

/** An amount of data such as `512MiB`, `100kB` or a plain whole number, read into bytes. */
export const bytes = z
  .union([text, count], { error: `this is not a size; ${HINT}` })
  .transform((size, context) => {
    if (typeof size === 'number') return size;
    const total = parseBytes(size);
    if (total !== undefined && Number.isSafeInteger(total)) return total;
    const [message, hint] =
      total === undefined
        ? [`${JSON.stringify(size)} is not a size`, HINT]
        : [`${size} is too large`, 'use fewer digits'];
    context.issues.push({ code: 'custom', message, params: { hint }, input: size });
    return z.NEVER;
  });

function parseBytes(size: string): number | undefined {
  const [, digits, unit] = /^(\d+)([A-Za-z]*)$/.exec(size) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const factor = UNITS.get(unit);
  return factor === undefined ? undefined : Number(digits) * factor;
}
