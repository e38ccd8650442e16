import { tryTimezone } from '#shared/cron';

/** This machine's, in which people want to read times; undefined where it has none that others know. */
export function ownTimeZone(): string | undefined {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return tryTimezone(timeZone).ok ? timeZone : undefined;
}
