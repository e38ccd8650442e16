import type { HoldRequest } from '#controller/holds';

/** How a node is wanted to be held, as calls bring it. */
interface Holding {
  /** In milliseconds. */
  for?: number | undefined;
  reason?: string | undefined;
  keys: readonly string[];
}

export function toRequest(holding: Holding): HoldRequest {
  return { forMs: holding.for ?? null, reason: holding.reason ?? null, keys: holding.keys };
}
