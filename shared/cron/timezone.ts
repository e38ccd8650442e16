import { nearest } from '#shared/nearest';

export type TimezoneCheck = { ok: true } | { ok: false; message: string; hint?: string };

/** Whether the name is one of the IANA time zone database, such as `Europe/Berlin` or `UTC`. */
export function tryTimezone(name: string): TimezoneCheck {
  if (/^[+-]/.test(name)) {
    const message = `${JSON.stringify(name)} is an offset, not a time zone`;
    return { ok: false, message, hint: 'write a name such as Europe/Berlin, or UTC' };
  }
  if (isKnown(name)) return { ok: true };
  const [likely] = nearest(name, Intl.supportedValuesOf('timeZone'), 1);
  const hint =
    likely === undefined ? 'write a name such as Europe/Berlin, or UTC' : `did you mean ${likely}?`;
  return { ok: false, message: `${JSON.stringify(name)} is not a time zone`, hint };
}

function isKnown(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
