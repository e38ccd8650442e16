/** More than any test takes: what is beyond is a mistake of its tool. */
const MAX_MS = 10 * 365 * 24 * 3_600_000;
/** No number is longer; the patterns below would take quadratic time for what is. */
const MAX_LENGTH = 100;

/**
 * Seconds as reports have them (`0.25`, `1,234.5`, `0,25`, `1.5E-4`), in milliseconds; null for what is none. Of a single comma it shows only by
 * what is around it whether it parts thousands, as surefire has it, or is a decimal one.
 */
export function toMilliseconds(text: string | undefined): number | null {
  const short = (text ?? '').trim();
  if (short.length > MAX_LENGTH) return null;
  const number = plainNumber(short.replace(/\s*s$/, ''));
  if (!/^\d*\.?\d*(?:e[+-]?\d{1,3})?$/i.test(number) || !/\d/.test(number)) return null;
  const milliseconds = Math.round(Number(number) * 1000);
  return milliseconds <= MAX_MS ? milliseconds : null;
}

function plainNumber(text: string): string {
  if (/^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$/.test(text)) return text.replaceAll(',', '');
  if (/^\d{1,3}(?:\.\d{3})+,\d*$/.test(text)) return text.replaceAll('.', '').replace(',', '.');
  return text.replace(',', '.');
}
