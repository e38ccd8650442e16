import { messageOf } from '#shared/errors';

/** What the system said; where a host has several addresses, what it said of each. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(messageOf))].join('; ');
  return messageOf(error);
}
