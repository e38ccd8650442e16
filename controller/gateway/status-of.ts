import type { Ending } from '#controller/builds';
import type { Status } from '#shared/expressions';

/** What conditions go by, from how things have ended so far; undefined while nothing has gone wrong. */
export function statusOf(ending: Ending | undefined): Status {
  if (ending === undefined || ending.result === 'success') return 'success';
  return ending.result === 'cancelled' ? 'cancelled' : 'failure';
}
