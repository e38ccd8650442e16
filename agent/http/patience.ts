import { monotonicMs } from '../monotonic.ts';

/** How long transfers that belong together are tried while none of them succeeds. */
export interface Patience {
  /** Why the last attempt failed; undefined while all is well. */
  readonly trouble: string | undefined;
  succeeded(): void;
  /** Whether to try again: false once nothing has succeeded for too long. */
  failed(reason: string): boolean;
}

/** A controller that is started anew, or a storage that fails over, takes seconds to a minute. */
const LIMIT_MS = 90_000;

export function createPatience(limitMs = LIMIT_MS): Patience {
  let trouble: string | undefined;
  let since: number | undefined;

  return {
    get trouble() {
      return trouble;
    },
    succeeded() {
      trouble = undefined;
      since = undefined;
    },
    failed(reason) {
      trouble = reason;
      since ??= monotonicMs();
      return monotonicMs() - since < limitMs;
    },
  };
}
